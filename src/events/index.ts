export { readDelivery, RERUN_ACTION, type DeliveryHeaders } from "./read-delivery.ts";
