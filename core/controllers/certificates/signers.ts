import type { SigningRequest } from '../../util/signing-request.ts'

/** The signers this cluster is itself. */
export const signerNames = {
  apiServerClient: 'kubernetes.io/kube-apiserver-client',
  kubeletClient: 'kubernetes.io/kube-apiserver-client-kubelet',
  kubeletServing: 'kubernetes.io/kubelet-serving',
  legacyUnknown: 'kubernetes.io/legacy-unknown',
} as const

type Check = (request: SigningRequest, usages: string[]) => string | undefined

const checks: Record<string, Check> = {
  [signerNames.apiServerClient]: (_request, usages) => apiServerClientProblem(usages),
  [signerNames.kubeletClient]: kubeletClientProblem,
  [signerNames.kubeletServing]: kubeletServingProblem,
  // Anything goes: for those who signed before there were signers.
  [signerNames.legacyUnknown]: () => undefined,
}

/** The rules of one of our signers, which tell what is wrong with a request; undefined for a signer of others. */
export function checkOf(signerName: string): Check | undefined {
  return Object.hasOwn(checks, signerName) ? checks[signerName] : undefined
}

function apiServerClientProblem(usages: string[]): string | undefined {
  const wrong = usages.find(
    (usage) => !['digital signature', 'key encipherment', 'client auth'].includes(usage),
  )
  if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`
  return usages.includes('client auth')
    ? undefined
    : 'missing required usage for client certificate: client auth'
}

/** What keeps a request from being one for a kubelet's client certificate (upstream: pkg/apis/certificates/helpers.go). */
export function kubeletClientProblem(request: SigningRequest, usages: string[]): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes'
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed'
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed'
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed'
  return nodeNameProblem(request) ?? usagesProblem(usages, 'client auth')
}

function kubeletServingProblem(request: SigningRequest, usages: string[]): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes'
  if (request.dnsNames.length === 0 && request.ipAddresses.length === 0)
    return 'DNS or IP subjectAltName is required'
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed'
  return usagesProblem(usages, 'server auth') ?? nodeNameProblem(request)
}

function isOfNodes({ organizations }: SigningRequest): boolean {
  return organizations.length === 1 && organizations[0] === 'system:nodes'
}

function nodeNameProblem({ commonName }: SigningRequest): string | undefined {
  return commonName.startsWith('system:node:')
    ? undefined
    : 'subject common name does not begin with system:node:'
}

/** `key encipherment` is for RSA keys only, so it may be left out. */
function usagesProblem(usages: string[], purpose: string): string | undefined {
  const given = new Set(usages)
  given.delete('key encipherment')
  if (given.size === 2 && given.has('digital signature') && given.has(purpose)) return undefined
  const required = ['digital signature', 'key encipherment', purpose].toSorted()
  return `usages did not match [${required.join(' ')}]`
}
