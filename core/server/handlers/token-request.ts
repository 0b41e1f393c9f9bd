import { resources } from '../../api/resources.ts'
import { parseApiVersion } from '../../api/gvk.ts'
import type { KubeObject, ObjectMeta } from '../../api/meta.ts'
import type { BoundObjectReference, TokenRequest } from '../../api/generated/authentication-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { badRequest, conflict, invalid, isNotFound, type FieldError } from '../../api/status.ts'
import { invalidValue } from '../../api/field-errors.ts'
import type { BoundObject, TokenInput } from '../../auth/tokens.ts'
import type { Registry, ResourceRegistry } from '../../registry/registry.ts'
import { admitOwn, type OwnSubresource } from './own-subresource.ts'

const minSeconds = 600
const maxSeconds = 2 ** 32
const defaultSeconds = 3600

/**
 * What kubelets ask for the default token volume. Programs that read their token once only would fail after an hour, so
 * such a token is good for a year, and says when it should have been replaced (upstream: pkg/serviceaccount/claims.go,
 * `--service-account-extend-token-expiration`).
 */
const defaultVolumeSeconds = 3607
const extendedSeconds = 365 * 24 * 3600

function read(
  registry: Registry,
  resource: { group: string; version: string; resource: string },
): ResourceRegistry {
  const found = registry.resource(resource.group, resource.version, resource.resource)
  if (!found) throw badRequest(`this server does not serve ${resource.resource}`)
  return found
}

function validate({ spec }: TokenRequest): FieldError[] {
  const { expirationSeconds: seconds = defaultSeconds } = spec
  const error = (why: string): FieldError[] => [invalidValue('spec.expirationSeconds', seconds, why)]
  if (seconds < minSeconds) return error('may not specify a duration less than 10 minutes')
  if (seconds > maxSeconds) return error('may not specify a duration larger than 2^32 seconds')
  return []
}

const kind = { group: 'authentication.k8s.io', kind: 'TokenRequest' }

/** Throws 422 for a request that names another account than the path does. */
function checkIdentity({ metadata }: KubeObject, ref: OwnSubresource['ref']): void {
  for (const field of ['name', 'namespace'] as const) {
    const value = metadata[field]
    if (!value || value === ref[field]) continue
    const why = `must match the service account ${field} if specified`
    throw invalid(kind, ref.name, [invalidValue(`metadata.${field}`, value, why)])
  }
}

/**
 * Answers `serviceaccounts/<name>/token`: a TokenRequest with its status filled in (upstream: pkg/registry/core/
 * serviceaccount/storage/token.go). The account, and the pod, secret or node to bind to, must exist.
 */
export async function createToken(call: OwnSubresource): Promise<TokenRequest> {
  const { resource, tokenIssuer, options } = call
  const { namespace = '', name } = call.ref
  let account: ObjectMeta | undefined
  const request = (await admitOwn(call, async (body) => {
    checkIdentity(body, call.ref)
    const { metadata } = (await resource.get(namespace, name)).object
    account = metadata
    const { uid } = body.metadata
    if (uid && uid !== metadata.uid) {
      const why = `the UID in the token request (${uid}) does not match the UID of the service account (${metadata.uid})`
      throw conflict({ group: kind.group, resource: kind.kind }, name, why)
    }
    const errors = validate(body as TokenRequest)
    if (errors.length > 0) throw invalid(kind, '', errors)
  })) as TokenRequest
  const { uid = '' } = account ?? {}
  const { expirationSeconds = defaultSeconds } = request.spec
  const audiences = request.spec.audiences?.length ? request.spec.audiences : tokenIssuer.audiences
  const input: TokenInput = {
    namespace,
    serviceAccount: { name, uid },
    audiences,
    expirationSeconds,
    ...(await bind(call, request)),
  }
  const isOurs = audiences.every((audience) => tokenIssuer.audiences.includes(audience))
  if (input.pod && isOurs && expirationSeconds === defaultVolumeSeconds)
    input.extendedSeconds = extendedSeconds
  const { id, ...status } = await tokenIssuer.issue(input)
  options.context.audit?.('authentication.kubernetes.io/issued-credential-id', `JTI=${id}`)
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { ...request.metadata, name, namespace, uid, creationTimestamp: options.context.now },
    spec: { boundObjectRef: null, ...request.spec, audiences, expirationSeconds } as TokenRequest['spec'],
    status,
  }
}

async function bind(
  { registry, ref: { namespace, name } }: OwnSubresource,
  request: TokenRequest,
): Promise<Pick<TokenInput, 'pod' | 'secret' | 'node'>> {
  const ref = request.spec.boundObjectRef
  if (!ref) return {}
  const boundName = ref.name ?? ''
  const { group, version } = parseApiVersion(ref.apiVersion ?? '')
  switch (group === '' ? ref.kind : '') {
    case 'Pod': {
      const { object } = await read(registry, resources.pods).get(namespace, boundName)
      const { spec } = object as Pod
      if (spec?.serviceAccountName !== name) {
        throw badRequest(
          `cannot bind token for serviceaccount ${JSON.stringify(name)} to pod running with different serviceaccount name.`,
        )
      }
      const pod = sameObject(object, ref)
      const node = spec.nodeName ? await findNode(registry, spec.nodeName) : undefined
      return node ? { pod, node } : { pod }
    }
    case 'Secret': {
      const { object } = await read(registry, resources.secrets).get(namespace, boundName)
      return { secret: sameObject(object, ref) }
    }
    case 'Node': {
      const { object } = await read(registry, resources.nodes).get(undefined, boundName)
      return { node: sameObject(object, ref) }
    }
    default: {
      const kindText = `${group}/${version}, Kind=${ref.kind ?? ''}`
      throw badRequest(`cannot bind token to object of type ${kindText}`)
    }
  }
}

/** The node of a pod. When it went away the token still says where the pod was (upstream: ServiceAccountTokenPodNodeInfo). */
async function findNode(registry: Registry, name: string): Promise<NonNullable<TokenInput['node']>> {
  try {
    const { object } = await read(registry, resources.nodes).get(undefined, name)
    return { name, uid: object.metadata.uid ?? '' }
  } catch (error) {
    if (isNotFound(error)) return { name }
    throw error
  }
}

function sameObject(object: KubeObject, ref: BoundObjectReference): BoundObject {
  const { name, uid = '' } = object.metadata
  if (ref.uid && ref.uid !== uid) {
    const why = `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`
    throw conflict({ group: '', resource: ref.kind ?? '' }, name, why)
  }
  return { name, uid }
}
