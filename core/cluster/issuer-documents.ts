import type { ServiceAccountKey } from '../auth/service-account-key.ts'
import type { Route } from '../server/handlers/non-resource-handler.ts'
import { requireProduced } from '../server/responses/produced.ts'
import { respond } from '../server/responses/respond.ts'

const jwksPath = '/openid/v1/jwks'

/**
 * What others need to check ServiceAccount tokens by themselves: the issuer's discovery document and its public keys
 * (upstream: pkg/routes/openidmetadata.go, pkg/serviceaccount/openidmetadata.go).
 */
export function createIssuerDocuments(options: {
  key: ServiceAccountKey
  /** A URL that leads here from inside the cluster: nobody can find the keys at the address for this machine there. */
  issuer: string
}): Route[] {
  const { key, issuer } = options
  const json = (contentType: string, content: () => object): Route['handle'] => {
    return (exchange) => {
      requireProduced(exchange, [contentType])
      return respond(exchange, {
        code: 200,
        contentType,
        body: JSON.stringify(content()),
        headers: { 'cache-control': 'public, max-age=3600' },
      })
    }
  }
  return [
    {
      path: '/.well-known/openid-configuration',
      onlyGet: true,
      handle: json('application/json', () => ({
        issuer,
        jwks_uri: `${issuer}${jwksPath}`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      })),
    },
    { path: jwksPath, onlyGet: true, handle: json('application/jwk-set+json', () => ({ keys: [key.jwk] })) },
  ]
}
