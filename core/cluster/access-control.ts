import type { SignerAccess } from '../admission/certificates/certificate-signing-requests.ts'
import type { TokenAudienceAccess } from '../admission/node-restriction/judge-token.ts'
import type { AdmissionPlugin } from '../api/request.ts'
import type { TokenAuthenticator } from '../auth/authn/authenticator.ts'
import { createTokenReviewer } from '../auth/authn/token-reviewer.ts'
import type { Authorizer } from '../auth/authz/authorizer.ts'
import { createClaimCheck } from '../auth/authz/device-claims/claim-check.ts'
import { mastersAuthorizer } from '../auth/authz/masters-authorizer.ts'
import { createNodeAuthorizer } from '../auth/authz/node/node-authorizer.ts'
import { createInformerNodeGraph } from '../auth/authz/node/node-graph.ts'
import { defaultPolicy } from '../auth/authz/rbac/bootstrap-policy/default-policy.ts'
import { nodeRules } from '../auth/authz/rbac/bootstrap-policy/node-roles.ts'
import { reconcileDefaultPolicy } from '../auth/authz/rbac/bootstrap-policy/reconcile.ts'
import { createSignerAccess } from '../auth/authz/signer-access.ts'
import { createEscalationCheck } from '../auth/authz/rbac/escalation-check.ts'
import { createInformerPolicySource } from '../auth/authz/rbac/policy-source.ts'
import { createRbacAuthorizer } from '../auth/authz/rbac/rbac-authorizer.ts'
import { createRuleResolver } from '../auth/authz/rbac/rule-resolver.ts'
import { createTokenAudienceAccess } from '../auth/authz/token-audience-access.ts'
import { createUnionAuthorizer } from '../auth/authz/union-authorizer.ts'
import { createReviewAnswers } from '../auth/reviews/review-answers.ts'
import type { Client } from '../client/client.ts'
import type { InformerFactory } from '../client/informer-factory.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'

/** Who may do what in a cluster. Until `start` has resolved only system:masters and nodes are allowed anything. */
export interface AccessControl {
  readonly authorizer: Authorizer
  /** Runs after all other mutating plugins. */
  readonly escalationCheck: AdmissionPlugin
  /** Runs before all other validating plugins. */
  readonly claimCheck: AdmissionPlugin
  /** Whether a user may approve or sign the certificate requests of a signer, or of all in its domain. */
  readonly signerAccess: SignerAccess
  /** Which audiences a node may ask tokens for that its pods do not need. */
  readonly tokenAudienceAccess: TokenAudienceAccess
  /** For the review kinds. */
  readonly answers: ReturnType<typeof createReviewAnswers>
  /** Whether the default policy is in place and all roles and bindings are known. */
  readonly isReady: boolean
  /** Puts the default policy in place and reads roles and bindings; the namespaces it is for must exist. */
  start(): Promise<void>
}

/** Role-based access control over a client that reads and writes without being asked. */
export function createAccessControl(options: {
  client: Client
  /** Started and ended by others; roles and bindings are asked of it. */
  informers: InformerFactory
  tokens: TokenAuthenticator[]
  /** The API server's own token audiences. */
  audiences: string[]
  clock: Clock
  log: Logger
}): AccessControl {
  const { client, informers } = options
  const policy = createInformerPolicySource(informers)
  const rules = createRuleResolver(policy)
  const authorizer = createUnionAuthorizer([
    mastersAuthorizer,
    createNodeAuthorizer({ rules: nodeRules, graph: createInformerNodeGraph(informers) }),
    createRbacAuthorizer(policy),
  ])
  let isReady = false
  return {
    authorizer,
    signerAccess: createSignerAccess(authorizer),
    tokenAudienceAccess: createTokenAudienceAccess(authorizer),
    escalationCheck: createEscalationCheck({ rules, authorizer }),
    claimCheck: createClaimCheck({ client, authorizer }),
    answers: createReviewAnswers({ authorizer, rules, tokens: createTokenReviewer(options) }),
    get isReady() {
      return isReady
    },
    async start() {
      await reconcileDefaultPolicy(client, defaultPolicy())
      informers.start()
      await informers.whenSynced()
      isReady = true
    },
  }
}
