import type { Node, PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import { groupResource } from '../../api/gvk.ts'
import { nodeNameOf } from '../../api/node-identity.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../../api/request.ts'
import { admissionForbidden } from '../admission-forbidden.ts'
import type { AdmissionReader } from '../admission-reader.ts'
import { judgePod } from './judge-pod.ts'
import { judgeSigningRequest } from './judge-signing-request.ts'
import { judgeToken, type TokenAudienceAccess } from './judge-token.ts'
import { forbiddenLabelChanges } from './node-labels.ts'

const leaseNamespace = 'kube-node-lease'

interface Means {
  reader: AdmissionReader
  mayAskFor: TokenAudienceAccess
}

/**
 * A node writes only what is its own: its Node, Lease and CSINode, the status of pods bound to it, tokens for these, and
 * requests for its certificates
 * (upstream: plugin/pkg/admission/noderestriction). With the node authorizer it keeps nodes from each other.
 */
export function createNodeRestriction(means: Means): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    admit(attributes) {
      const node = nodeNameOf(attributes.context.user)
      if (node === undefined) return
      if (node === '') {
        const { name } = attributes.context.user
        throw admissionForbidden(attributes, `could not determine node from user ${JSON.stringify(name)}`)
      }
      return restrict(node, attributes, means)
    },
  }
}

async function restrict(node: string, attributes: AdmissionAttributes, means: Means): Promise<void> {
  const why = await judge(node, attributes, means)
  if (why !== undefined) throw admissionForbidden(attributes, why)
}

function judge(
  node: string,
  attributes: AdmissionAttributes,
  means: Means,
): Promise<string | undefined> | string | undefined {
  switch (groupResource(attributes.resource)) {
    case 'pods':
      return judgePod(node, attributes, means.reader)
    case 'nodes':
      return judgeNode(node, attributes)
    case 'persistentvolumeclaims':
      return judgeClaim(node, attributes)
    case 'serviceaccounts':
      return judgeToken(node, attributes, means)
    case 'certificatesigningrequests.certificates.k8s.io':
      return judgeSigningRequest(node, attributes)
    case 'leases.coordination.k8s.io':
      if (attributes.namespace !== leaseNamespace) {
        return `can only access leases in the "${leaseNamespace}" system namespace`
      }
      return isNamed(attributes, node)
        ? undefined
        : 'can only access node lease with the same name as the requesting node'
    case 'csinodes.storage.k8s.io':
      return isNamed(attributes, node)
        ? undefined
        : 'can only access CSINode with the same name as the requesting node'
    case 'resourceslices.resource.k8s.io':
      return judgeSlice(node, attributes)
    default:
      return undefined
  }
}

function isNamed({ operation, name, object }: AdmissionAttributes, node: string): boolean {
  return (operation === 'CREATE' ? object?.metadata.name : name) === node
}

function judgeNode(node: string, attributes: AdmissionAttributes): string | undefined {
  const { operation, object, oldObject } = attributes
  const requested = attributes.name || object?.metadata.name || ''
  if (requested !== node) return `node "${node}" is not allowed to modify node "${requested}"`
  const [next, old] = [object as Node | undefined, oldObject as Node | undefined]
  if (!next) return undefined
  const labels = forbiddenLabelChanges(next.metadata.labels, old?.metadata.labels).join(', ')
  if (operation === 'CREATE') {
    if (next.spec?.configSource)
      return `node "${node}" is not allowed to create pods with a non-nil configSource`
    return labels ? `node "${node}" is not allowed to set the following labels: ${labels}` : undefined
  }
  const source = next.spec?.configSource
  if (source && !isSame(source, old?.spec?.configSource)) {
    return `node "${node}" is not allowed to update configSource to a new non-nil configSource`
  }
  if (!isSame(next.spec?.taints ?? [], old?.spec?.taints ?? [])) {
    return `node "${node}" is not allowed to modify taints`
  }
  return labels ? `is not allowed to modify labels: ${labels}` : undefined
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function judgeClaim(
  node: string,
  { operation, subresource, object, oldObject }: AdmissionAttributes,
): string | undefined {
  if (subresource !== 'status') return 'may only update PVC status'
  if (operation !== 'UPDATE') return `unexpected operation "${operation}"`
  const [next, old] = [object, oldObject].map((claim) => withoutOwnFields(claim as PersistentVolumeClaim))
  if (isSame(next, old)) return undefined
  return `node "${node}" is not allowed to update fields other than status.capacity and status.conditions`
}

/** A claim without what a node may change, and what changes by itself. */
function withoutOwnFields({ metadata, status, spec }: PersistentVolumeClaim): unknown {
  const { resourceVersion: _version, managedFields: _fields, ...kept } = metadata
  const { capacity: _capacity, conditions: _conditions, ...more } = status ?? {}
  const { allocatedResources: _resources, allocatedResourceStatuses: _statuses, ...rest } = more
  return { metadata: kept, spec, status: rest }
}

function judgeSlice(node: string, { object, oldObject }: AdmissionAttributes): string | undefined {
  const owner = (slice: unknown): string | undefined =>
    (slice as { spec?: { nodeName?: string } }).spec?.nodeName
  if (oldObject && owner(oldObject) !== node)
    return 'can only delete ResourceSlices with the same NodeName as the requesting node'
  if (!oldObject && object && owner(object) !== node) {
    return 'can only create ResourceSlices with the same NodeName as the requesting node'
  }
  return undefined
}
