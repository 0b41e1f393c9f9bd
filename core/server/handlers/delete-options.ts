import { goQuote, isNumber } from '../../api/go-text.ts'
import { badRequest, invalid, type FieldError, type StatusError } from '../../api/status.ts'
import { goKind } from '../../util/go-kind.ts'
import { forbiddenField, invalidValue, notSupported } from '../../api/field-errors.ts'
import type { DeleteRequest } from '../../registry/registry.ts'
import { booleanParameter, integerParameter } from './query-values.ts'
import { validateDryRun } from './write-options.ts'

/** DeleteOptions, decoded; `dryRun` may come in the body as well as in the query. */
export interface ParsedDeleteOptions {
  request: DeleteRequest
  dryRun: boolean
  /** Whether the old field `orphanDependents` is there and false. */
  deletesDependents: boolean
}

const policies = ['Foreground', 'Background', 'Orphan'] as const
type Policy = (typeof policies)[number]

const unsafeDeletion = 'ignoreStoreReadErrorWithClusterBreakingPotential'
/** Objects that cannot be read do not occur in this store, so there is nothing that such a deletion could be for. */
const unsafeDeletionRefusal = forbiddenField(
  unsafeDeletion,
  'this server does not delete objects that it cannot read',
)

interface Wire {
  gracePeriodSeconds?: unknown
  propagationPolicy?: unknown
  orphanDependents?: unknown
  preconditions?: { uid?: unknown; resourceVersion?: unknown } | null
  dryRun?: unknown
  ignoreStoreReadErrorWithClusterBreakingPotential?: unknown
}

function wireOf(query: URLSearchParams): Wire {
  return {
    gracePeriodSeconds: integerParameter(query, 'gracePeriodSeconds'),
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    orphanDependents: booleanParameter(query, 'orphanDependents'),
    dryRun: query.has('dryRun') ? query.getAll('dryRun') : undefined,
    [unsafeDeletion]: booleanParameter(query, unsafeDeletion),
  }
}

/**
 * DeleteOptions from the body when there is one, else from the query (upstream: handlers/delete.go). Other than upstream a
 * dryRun in the query counts either way: what somebody wants to try out only shall not be gone. Throws 400 for what is malformed and 422 for values that are not supported.
 */
export function parseDeleteOptions(body: unknown, query: URLSearchParams): ParsedDeleteOptions {
  const fromQuery = wireOf(query)
  if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) {
    throw badRequest('decoded object cannot be converted to DeleteOptions')
  }
  const wire: Wire = body ?? fromQuery
  checkType(wire as { apiVersion?: unknown; kind?: unknown })
  const errors: FieldError[] = []
  if (wire[unsafeDeletion] === true) errors.push(unsafeDeletionRefusal)
  const request: DeleteRequest = {}
  readGracePeriod(wire, request)
  readPolicy(wire, request, errors)
  readPreconditions(wire, request)
  const dryRun = [...new Set([wire.dryRun ?? [], fromQuery.dryRun ?? []].flat())]
  errors.push(...validateDryRun(dryRun))
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors)
  return { request, dryRun: dryRun.length > 0, deletesDependents: wire.orphanDependents === false }
}

/** Only DeleteOptions are known where options are read, whatever else the server knows. */
function checkType({ apiVersion, kind }: { apiVersion?: unknown; kind?: unknown }): void {
  if (kind === undefined || kind === '' || kind === 'DeleteOptions') return
  const [what, version] = [goQuote(String(kind)), goQuote(String(apiVersion || 'meta.k8s.io/v1'))]
  const scheme = 'k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27'
  throw badRequest(`no kind ${what} is registered for version ${version} in scheme "${scheme}"`)
}

/** A value of the wrong JSON type, as Go's decoder refuses it. */
function wrongType(value: unknown, field: string, type: string): StatusError {
  const found = isNumber(value) && type === 'int64' ? `number ${value}` : goKind(value)
  return badRequest(`json: cannot unmarshal ${found} into Go struct field ${field} of type ${type}`)
}

function readGracePeriod(wire: Wire, request: DeleteRequest): void {
  const seconds = wire.gracePeriodSeconds
  if (seconds === undefined || seconds === null) return
  if (!Number.isSafeInteger(seconds) && typeof seconds !== 'bigint')
    throw wrongType(seconds, 'DeleteOptions.gracePeriodSeconds', 'int64')
  // A negative grace period counts as one second (upstream: rest.BeforeDelete).
  request.gracePeriodSeconds = (seconds as number) < 0 ? 1 : (seconds as number)
}

function readPolicy(wire: Wire, request: DeleteRequest, errors: FieldError[]): void {
  const { propagationPolicy, orphanDependents } = wire
  const hasPolicy = propagationPolicy !== undefined && propagationPolicy !== null
  if (hasPolicy && typeof propagationPolicy !== 'string') {
    throw wrongType(propagationPolicy, 'DeleteOptions.propagationPolicy', 'v1.DeletionPropagation')
  }
  if (typeof orphanDependents === 'boolean') {
    if (hasPolicy) {
      const why = 'orphanDependents and deletionPropagation cannot be both set'
      errors.push(invalidValue('propagationPolicy', propagationPolicy, why))
    } else {
      request.propagationPolicy = orphanDependents ? 'Orphan' : 'Background'
    }
  } else if (hasPolicy) {
    if (policies.includes(propagationPolicy as Policy))
      request.propagationPolicy = propagationPolicy as Policy
    else errors.push(notSupported('propagationPolicy', propagationPolicy, [...policies, 'nil']))
  }
}

function readPreconditions(wire: Wire, request: DeleteRequest): void {
  const { uid, resourceVersion } = wire.preconditions ?? {}
  if (typeof (uid ?? '') !== 'string') {
    throw wrongType(uid, 'Preconditions.preconditions.uid', 'types.UID')
  }
  if (typeof (resourceVersion ?? '') !== 'string') {
    throw wrongType(resourceVersion, 'Preconditions.preconditions.resourceVersion', 'string')
  }
  if (typeof uid !== 'string' && typeof resourceVersion !== 'string') return
  request.preconditions = {}
  if (typeof uid === 'string') request.preconditions.uid = uid
  if (typeof resourceVersion === 'string') request.preconditions.resourceVersion = resourceVersion
}
