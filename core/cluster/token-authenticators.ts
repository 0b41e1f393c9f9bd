import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import { resources } from '../api/resources.ts'
import type { TokenAuthenticator } from '../auth/authn/authenticator.ts'
import { createBootstrapTokens } from '../auth/authn/bootstrap-tokens.ts'
import { createOidcAuthenticator } from '../auth/authn/oidc/oidc-authenticator.ts'
import type { OidcOptions } from '../auth/authn/oidc/oidc-options.ts'
import { createSecretTokens } from '../auth/authn/secret-tokens.ts'
import type { TokenObserver } from '../auth/authn/token-observer.ts'
import { createServiceAccountTokens } from '../auth/authn/service-account-tokens.ts'
import type { ServiceAccountKey } from '../auth/service-account-key.ts'
import type { TokenIssuer } from '../auth/tokens.ts'
import type { Client } from '../client/client.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import { findObject } from '../client/find-object.ts'

export interface TokenAuthenticatorsOptions {
  /** Reads what tokens are bound to, without being asked who it is. */
  client: Client
  key: ServiceAccountKey
  tokenIssuer: TokenIssuer
  /** Absent: no ID tokens. */
  oidc?: OidcOptions | undefined
  observer?: TokenObserver
  clock: Clock
  log: Logger
}

/** All that judge bearer tokens, in their order: of ServiceAccounts, of joining nodes, of an OpenID provider. */
export function createTokenAuthenticators(options: TokenAuthenticatorsOptions): TokenAuthenticator[] {
  const { client, key, tokenIssuer, oidc, observer, clock, log } = options
  const { issuer, audiences } = tokenIssuer
  return [
    createServiceAccountTokens({
      key,
      issuer,
      audiences,
      clock,
      observer,
      read: (resource, namespace, name) =>
        findObject(
          client,
          boundResources[resource] as Resource<KubeObject>,
          namespace === undefined ? { name } : { namespace, name },
        ),
    }),
    createSecretTokens({
      key,
      clock,
      observer,
      source: {
        secret: (namespace, name) => findObject(client, resources.secrets, { namespace, name }),
        serviceAccount: (namespace, name) =>
          findObject(client, resources.serviceAccounts, { namespace, name }),
        async label({ metadata: { namespace = '', name, uid } }, label, value) {
          const body = { metadata: { uid, labels: { [label]: value } } }
          try {
            await client.patch(resources.secrets, { namespace, name }, { type: 'merge', body })
          } catch (error) {
            log.warn('the use of a token could not be noted on its Secret', { namespace, name, error })
          }
        },
      },
    }),
    createBootstrapTokens({
      find: (namespace, name) => findObject(client, resources.secrets, { namespace, name }),
      clock,
    }),
    ...(oidc ? [createOidcAuthenticator({ oidc, clock, log: log.child('oidc') })] : []),
  ]
}

const boundResources = {
  serviceaccounts: resources.serviceAccounts,
  pods: resources.pods,
  secrets: resources.secrets,
  nodes: resources.nodes,
} as const
