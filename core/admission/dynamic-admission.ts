import type { AdmissionPlugin } from '../api/request.ts'
import { resources } from '../api/resources.ts'
import type { InformerFactory } from '../client/informer-factory.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { ServiceDialer } from '../util/service-dialer.ts'
import { createWebhookClients } from '../util/webhook/webhook-client.ts'
import type { AdmissionReader } from './admission-reader.ts'
import type { ExpressionAuthorizer } from './expressions/expression-authorizer.ts'
import type { KindFinder } from './policy/find-params.ts'
import { createPolicySource } from './policy/policy-source.ts'
import type { PolicyObserver } from './policy/policy-observer.ts'
import { compilePolicy as compileMutatingPolicy } from './policy/mutating/compile-policy.ts'
import { createMutatingPolicies } from './policy/mutating/mutating-policies.ts'
import { compilePolicy as compileValidatingPolicy } from './policy/validating/compile-policy.ts'
import { createValidatingPolicies } from './policy/validating/validating-policies.ts'
import { createMutatingWebhooks } from './webhook/mutating-webhooks.ts'
import { createValidatingWebhooks } from './webhook/validating-webhooks.ts'
import type { WebhookObserver } from './webhook/webhook-observer.ts'
import { createWebhookSource } from './webhook/webhook-source.ts'

export interface DynamicAdmissionOptions {
  client: AdmissionReader
  /** Follows what is registered; writes wait for the first lists, so it must be started with the server. */
  informers: InformerFactory
  /** Reaches webhooks behind Services; without it those cannot be called. */
  dialer?: ServiceDialer
  /** Answers the `authorizer` of expressions. */
  authorize: ExpressionAuthorizer
  /** Finds what serves the kinds of policies' parameters. */
  findKind: KindFinder
  /** Is told how calls and evaluations ended. */
  observer?: WebhookObserver & PolicyObserver
  clock: Clock
  log: Logger
}

/** Admission by what users register, in the two places where upstream's order has it. */
export interface DynamicAdmission extends Disposable {
  mutating: AdmissionPlugin[]
  validating: AdmissionPlugin[]
}

/** Creates the plugins that evaluate policies and call webhooks. Dispose closes the connections to them. */
export function createDynamicAdmission(options: DynamicAdmissionOptions): DynamicAdmission {
  const { client, informers, dialer, authorize, findKind, observer, clock, log } = options
  const clients = createWebhookClients({ dialer, clock })
  const shared = { reader: client, authorize, findKind, clients, observer, clock, log }
  const mutating = createWebhookSource(informers.informer(resources.mutatingWebhookConfigurations))
  const validating = createWebhookSource(informers.informer(resources.validatingWebhookConfigurations))
  const mutatingPolicies = createPolicySource(
    informers.informer(resources.mutatingAdmissionPolicies),
    informers.informer(resources.mutatingAdmissionPolicyBindings),
    compileMutatingPolicy,
  )
  const validatingPolicies = createPolicySource(
    informers.informer(resources.validatingAdmissionPolicies),
    informers.informer(resources.validatingAdmissionPolicyBindings),
    compileValidatingPolicy,
  )
  return {
    mutating: [
      createMutatingPolicies({ ...shared, source: mutatingPolicies }),
      createMutatingWebhooks({ ...shared, source: mutating }),
    ],
    validating: [
      createValidatingPolicies({ ...shared, source: validatingPolicies }),
      createValidatingWebhooks({ ...shared, source: validating }),
    ],
    [Symbol.dispose]: () => clients[Symbol.dispose](),
  }
}
