export {
  createFaults,
  delayCommit,
  describeStatus,
  injectFault,
  takeFault,
  takeLateCommit,
  type Failing,
  type Faults,
  type InjectedFault,
} from "./injected-faults.ts";
export {
  admitRequest,
  blockCaller,
  createRateLimiter,
  exhaustLimit,
  GITHUB_LIMITS,
  type Admission,
  type Cost,
  type LimitRefusal,
  type Limits,
  type RateLimiter,
} from "./rate-limiter.ts";
