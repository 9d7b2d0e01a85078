export { bearerOf } from './bearer.js';
export { factsOf } from './facts-of.js';
export { AnswerForwardedController } from './forwarding/answer-forwarded.controller.js';
export { ForwardRequests } from './forwarding/forward-requests.js';
export {
  ForwardedAnswer,
  ForwardedRequest,
  answerForwarded,
} from './forwarding/forwarded-request.contract.js';
export { VersionOfRequest } from './forwarding/version-of-request.js';
export { RateLimitGuard, rateLimits } from './limits/rate-limit.guard.js';
export { LoadBalancerController } from './load-balancer.controller.js';
export { httpSetup } from './http-setup.js';
