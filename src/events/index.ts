export { readDelivery, type DeliveryHeaders } from "./read-delivery.ts";
