/** In a sentence's part: the NATS users of a laptop have the rights of the cluster's. @param subject `publish to orders.new` */
export const denialProblem = (subject: string): string =>
  `NATS does not permit it to ${subject}: give its user that right in k8s/nats/accounts/accounts.yaml`;
