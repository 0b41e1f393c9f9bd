import { SignJWT } from 'jose'
import type { ServiceAccountKey } from './service-account-key.ts'

/** The issuer of tokens that lie in Secrets, as it was before TokenRequest. */
export const secretTokenIssuer = 'kubernetes/serviceaccount'

/** Whom a token in a Secret is for, and in which Secret it lies. */
export interface SecretTokenSubject {
  namespace: string
  serviceAccount: { name: string; uid: string }
  secretName: string
}

/** The claims of such a token beside `iss` and `sub` (upstream: pkg/serviceaccount/legacy.go). */
export interface SecretTokenClaims {
  'kubernetes.io/serviceaccount/namespace': string
  'kubernetes.io/serviceaccount/secret.name': string
  'kubernetes.io/serviceaccount/service-account.name': string
  'kubernetes.io/serviceaccount/service-account.uid': string
}

/** Signs tokens for Secrets of type kubernetes.io/service-account-token. They do not expire: deleting the Secret ends them. */
export function createSecretTokenSigner(
  key: ServiceAccountKey,
): (subject: SecretTokenSubject) => Promise<string> {
  return ({ namespace, serviceAccount, secretName }) => {
    const claims: SecretTokenClaims = {
      'kubernetes.io/serviceaccount/namespace': namespace,
      'kubernetes.io/serviceaccount/secret.name': secretName,
      'kubernetes.io/serviceaccount/service-account.name': serviceAccount.name,
      'kubernetes.io/serviceaccount/service-account.uid': serviceAccount.uid,
    }
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: key.keyId })
      .setIssuer(secretTokenIssuer)
      .setSubject(`system:serviceaccount:${namespace}:${serviceAccount.name}`)
      .sign(key.privateKey)
  }
}
