import { randomUUID } from 'node:crypto'
import { resources } from '../../api/resources.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { TokenRequest } from '../../api/generated/authentication-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import { badRequest, conflict, invalid, notFound, type FieldError } from '../../api/status.ts'
import { invalidValue } from '../../api/field-errors.ts'
import type { BoundObject, TokenInput, TokenIssuer } from '../../auth/tokens.ts'
import type { Registry, ResourceRegistry } from '../../registry/registry.ts'

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

/** What a token is asked for with. */
export interface TokenCall {
  registry: Registry
  tokenIssuer: TokenIssuer
  namespace: string
  name: string
  body: KubeObject
  /** RFC 3339. */
  now: string
}

function read(
  registry: Registry,
  resource: { group: string; version: string; resource: string },
): ResourceRegistry {
  const found = registry.resource(resource.group, resource.version, resource.resource)
  if (!found) throw badRequest(`this server does not serve ${resource.resource}`)
  return found
}

function validate(seconds: unknown): FieldError[] {
  const field = 'spec.expirationSeconds'
  const error = (message: string): FieldError[] => [invalidValue(field, seconds, message)]
  if (!Number.isSafeInteger(seconds) && typeof seconds !== 'bigint') return error('must be an integer')
  if ((seconds as number) < minSeconds) return error('may not specify a duration less than 10 minutes')
  if ((seconds as number) > maxSeconds) return error('may not specify a duration larger than 2^32 seconds')
  return []
}

/**
 * Answers `serviceaccounts/<name>/token`: a TokenRequest with its status filled in (upstream: pkg/registry/core/
 * serviceaccount/storage/token.go). The account, and the pod, secret or node to bind to, must exist.
 */
export async function createToken(call: TokenCall): Promise<TokenRequest> {
  const { registry, namespace, name, tokenIssuer } = call
  const request = call.body as TokenRequest
  const account = await read(registry, resources.serviceAccounts).get(namespace, name)
  const expirationSeconds = request.spec?.expirationSeconds ?? defaultSeconds
  const errors = validate(expirationSeconds)
  if (errors.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', errors)
  const audiences = request.spec?.audiences?.length ? request.spec.audiences : tokenIssuer.audiences
  const input: TokenInput = {
    namespace,
    serviceAccount: { name, uid: account.object.metadata.uid ?? '' },
    audiences,
    expirationSeconds,
    ...(await bind(call, request)),
  }
  const isOurs = audiences.every((audience) => tokenIssuer.audiences.includes(audience))
  if (input.pod && isOurs && expirationSeconds === defaultVolumeSeconds)
    input.extendedSeconds = extendedSeconds
  const status = await tokenIssuer.issue(input)
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, uid: randomUUID(), creationTimestamp: call.now },
    spec: { boundObjectRef: null, ...request.spec, audiences, expirationSeconds } as TokenRequest['spec'],
    status,
  }
}

async function bind(
  call: TokenCall,
  request: TokenRequest,
): Promise<Pick<TokenInput, 'pod' | 'secret' | 'node'>> {
  const ref = request.spec?.boundObjectRef
  if (!ref?.kind) return {}
  const boundName = ref.name ?? ''
  const { registry, namespace } = call
  switch (`${ref.apiVersion ?? 'v1'}/${ref.kind}`) {
    case 'v1/Pod': {
      const { object } = await read(registry, resources.pods).get(namespace, boundName)
      const { spec } = object as Pod
      if (spec?.serviceAccountName !== call.name) {
        throw badRequest(
          `cannot bind token for serviceaccount ${JSON.stringify(call.name)} to pod running with different serviceaccount name.`,
        )
      }
      const pod = sameObject(object, { ...ref, resource: 'pods' })
      const node = spec.nodeName ? await findNode(registry, spec.nodeName) : undefined
      return node ? { pod, node } : { pod }
    }
    case 'v1/Secret': {
      const { object } = await read(registry, resources.secrets).get(namespace, boundName)
      return { secret: sameObject(object, { ...ref, resource: 'secrets' }) }
    }
    case 'v1/Node': {
      const { object } = await read(registry, resources.nodes).get(undefined, boundName)
      return { node: sameObject(object, { ...ref, resource: 'nodes' }) }
    }
    default:
      throw badRequest(`cannot bind token to object of type ${ref.apiVersion ?? 'v1'}, Kind=${ref.kind}`)
  }
}

async function findNode(registry: Registry, name: string): Promise<BoundObject | undefined> {
  try {
    const { object } = await read(registry, resources.nodes).get(undefined, name)
    return { name, uid: object.metadata.uid ?? '' }
  } catch {
    // The node went away; the token is bound to the pod alone.
    return undefined
  }
}

function sameObject(object: KubeObject, ref: { uid?: string; resource: string }): BoundObject {
  const { name, uid = '' } = object.metadata
  if (ref.uid && ref.uid !== uid) {
    throw conflict(
      { group: '', resource: ref.resource },
      name,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  }
  if (object.metadata.deletionTimestamp && ref.resource !== 'pods') {
    throw notFound({ group: '', resource: ref.resource }, name)
  }
  return { name, uid }
}
