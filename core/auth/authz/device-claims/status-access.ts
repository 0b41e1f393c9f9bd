import type {
  AllocatedDeviceStatus,
  AllocationResult,
  ResourceClaimStatus,
} from '../../../api/generated/resource-v1.ts'
import { forbiddenField } from '../../../api/field-errors.ts'
import type { AdmissionAttributes, UserInfo } from '../../../api/request.ts'
import type { FieldError } from '../../../api/status.ts'
import { deepEqual } from '../../../client/deep-equal.ts'
import { accessDenied, type AuthorizationAttributes, type Authorizer } from '../authorizer.ts'

const nodeNameKey = 'authentication.kubernetes.io/node-name'

/**
 * Why a status may not be written: who allocates needs `resourceclaims/binding`, a driver that tells of its devices needs
 * `resourceclaims/driver` of its name, for claims of its own node or of all (upstream: AuthorizedForBinding,
 * AuthorizedForDeviceStatus).
 */
export async function whyNoStatus(
  attributes: AdmissionAttributes,
  change: { next: ResourceClaimStatus; old: ResourceClaimStatus },
  authorizer: Authorizer,
): Promise<FieldError[]> {
  const { context, isPatch, namespace = '' } = attributes
  const { next, old } = change
  const verb = isPatch ? 'patch' : 'update'
  const refusal = async (question: Asked): Promise<string | undefined> => {
    const asked = { ...common, user: context.user, ...question }
    const { allowed, reason } = await authorizer.authorize(asked)
    return allowed ? undefined : accessDenied(asked, reason).message
  }
  const errors: FieldError[] = []
  if (
    !deepEqual(next.allocation, old.allocation) ||
    !deepEqual(next.reservedFor ?? [], old.reservedFor ?? [])
  ) {
    const denied = await refusal({ verb, subresource: 'binding', namespace: '', name: '' })
    const what = 'changing status.allocation or status.reservedFor requires'
    if (denied !== undefined) {
      const why = `${what} resource="resourceclaims/binding", verb="${verb}" permission: ${denied}`
      errors.push(forbiddenField('status', why))
    }
  }
  const isLocal = isOnNodeOf(context.user, next.allocation)
  const verbs = [...(isLocal ? [`associated-node:${verb}`] : []), `arbitrary-node:${verb}`]
  for (const name of changedDrivers(next.devices ?? [], old.devices ?? [])) {
    const denied: Array<string | undefined> = []
    for (const one of verbs) denied.push(await refusal({ verb: one, subresource: 'driver', namespace, name }))
    if (denied.includes(undefined)) continue
    const why = `changing status.devices requires resource="resourceclaims/driver", verb="[${verbs.join(' ')}]" permission: ${denied[0]}`
    errors.push(forbiddenField('status.devices', why))
  }
  return errors
}

type Asked = Pick<AuthorizationAttributes, 'verb' | 'subresource' | 'namespace' | 'name'>

const common = {
  isResourceRequest: true,
  path: '',
  apiGroup: 'resource.k8s.io',
  apiVersion: 'v1',
  resource: 'resourceclaims',
}

/** Whose devices are told something else of. */
function changedDrivers(next: AllocatedDeviceStatus[], old: AllocatedDeviceStatus[]): string[] {
  const key = ({ driver, pool, device, shareID = '' }: AllocatedDeviceStatus): string =>
    JSON.stringify([driver, pool, device, shareID])
  const before = new Map(old.map((one) => [key(one), one]))
  const after = new Set(next.map(key))
  const changed = next.filter((one) => !deepEqual(before.get(key(one)), one))
  const gone = old.filter((one) => !after.has(key(one)))
  return [...new Set([...changed, ...gone].map(({ driver }) => driver))].toSorted()
}

/** Whether a ServiceAccount speaks from the one node that a claim's devices are on. */
function isOnNodeOf(user: UserInfo, allocation: AllocationResult | undefined): boolean {
  const [term, ...more] = allocation?.nodeSelector?.nodeSelectorTerms ?? []
  const [field, ...others] = term?.matchFields ?? []
  if (!field || more.length > 0 || others.length > 0 || term?.matchExpressions?.length) return false
  const { key, operator, values = [] } = field
  if (key !== 'metadata.name' || operator !== 'In' || values.length !== 1) return false
  const names = user.extra?.[nodeNameKey] ?? []
  const isAccount = user.name.startsWith('system:serviceaccount:')
  return isAccount && names.length === 1 && names[0] === values[0]
}
