/** How OpenID Connect tokens become users (upstream: the `--oidc-*` flags of kube-apiserver). */
export interface OidcOptions {
  /** `https://…`; exactly as in the tokens' `iss`. */
  issuerUrl: string
  /** Must be among the tokens' audiences. */
  clientId: string
  usernameClaim: string
  /** Put before the name; undefined: `<issuer>#` unless the claim is `email`; `-`: nothing. */
  usernamePrefix?: string
  /** Absent: no groups come from tokens. */
  groupsClaim?: string
  groupsPrefix: string
  requiredClaims: Record<string, string>
  /** PEM of the CA that the issuer's certificate chains to; absent: those of the system. */
  ca?: string
  signingAlgorithms: string[]
}

/** What upstream accepts for `--oidc-signing-algs`. */
const knownAlgorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512']

/** What is wrong with the options, one sentence each, in upstream's words where it has any. */
export function oidcProblems(options: OidcOptions): string[] {
  const problems: string[] = []
  if (!options.clientId) problems.push('oidc-issuer-url and oidc-client-id must be specified together')
  if (!URL.canParse(options.issuerUrl) || new URL(options.issuerUrl).protocol !== 'https:') {
    problems.push(`oidc-issuer-url ${JSON.stringify(options.issuerUrl)}: URL scheme must be https`)
  }
  for (const algorithm of options.signingAlgorithms) {
    if (!knownAlgorithms.includes(algorithm)) {
      problems.push(
        `oidc-signing-algs: ${JSON.stringify(algorithm)} is none of ${knownAlgorithms.join(', ')}`,
      )
    }
  }
  return problems
}

/** What stands before every user's name (upstream: pkg/kubeapiserver/options/authentication.go). */
export function usernamePrefixOf({ usernamePrefix, usernameClaim, issuerUrl }: OidcOptions): string {
  if (usernamePrefix === '-') return ''
  if (usernamePrefix) return usernamePrefix
  return usernameClaim === 'email' ? '' : `${issuerUrl}#`
}
