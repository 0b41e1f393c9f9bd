import type { PolicyRule } from '../../../api/generated/rbac-v1.ts'
import { groupResource } from '../../../api/gvk.ts'
import { nodeNameOf } from '../../../api/node-identity.ts'
import type { AuthorizationAttributes, Authorizer } from '../authorizer.ts'
import { ruleAllows } from '../rbac/rule-allows.ts'
import type { NodeGraph, NodeObjectType } from './node-graph.ts'

type Decision = { allowed: boolean; reason?: string }
type Judge = (node: string, attributes: AuthorizationAttributes, graph: NodeGraph) => Decision

const allowed: Decision = { allowed: true }
const deny = (reason?: string): Decision =>
  reason === undefined ? { allowed: false } : { allowed: false, reason }
const leaseNamespace = 'kube-node-lease'

/**
 * Lets a node read what the pods bound to it need and write what is its own; for the rest the rules of system:node count
 * (upstream: plugin/pkg/auth/authorizer/node). What an authorizer cannot see, the object of a write, is left to the
 * NodeRestriction admission plugin.
 */
export function createNodeAuthorizer({
  rules,
  graph,
}: {
  rules: PolicyRule[]
  graph: NodeGraph
}): Authorizer {
  return {
    authorize(attributes) {
      const node = nodeNameOf(attributes.user)
      if (node === undefined) return deny()
      if (node === '') return deny(`unknown node for user ${JSON.stringify(attributes.user.name)}`)
      if (attributes.isResourceRequest) {
        const key = groupResource({ group: attributes.apiGroup, resource: attributes.resource })
        const judge = judges.get(key)
        if (judge) return judge(node, attributes, graph)
      }
      return { allowed: rules.some((rule) => ruleAllows(rule, attributes)) }
    },
  }
}

function related(type: NodeObjectType): Judge {
  return (node, { namespace, name }, graph) => {
    if (!name) return deny('No Object name found')
    if (graph.isRelated(node, type, { namespace, name })) return allowed
    return deny(`no relationship found between node '${node}' and this object`)
  }
}

function getOnly(type: NodeObjectType): Judge {
  const isRelated = related(type)
  return (node, attributes, graph) => {
    if (attributes.verb !== 'get') return deny('can only get individual resources of this type')
    if (attributes.subresource) return deny('cannot get subresource')
    return isRelated(node, attributes, graph)
  }
}

function readNamespaced(type: NodeObjectType): Judge {
  const isRelated = related(type)
  return (node, attributes, graph) => {
    if (!['get', 'list', 'watch'].includes(attributes.verb))
      return deny('can only read resources of this type')
    if (attributes.subresource) return deny('cannot read subresource')
    if (!attributes.namespace) return deny('can only read namespaced object of this type')
    return isRelated(node, attributes, graph)
  }
}

const getClaim = getOnly('claim')
const isOwnClaim = related('claim')
const judgeClaim: Judge = (node, attributes, graph) => {
  if (attributes.subresource !== 'status') return getClaim(node, attributes, graph)
  if (attributes.verb !== 'update' && attributes.verb !== 'patch') {
    return deny('can only get/update/patch this type')
  }
  return isOwnClaim(node, attributes, graph)
}

const isOwnAccount = related('serviceAccount')
const readAccount = readNamespaced('serviceAccount')
const judgeServiceAccount: Judge = (node, attributes, graph) => {
  if (attributes.verb === 'get' && !attributes.subresource) return readAccount(node, attributes, graph)
  if (attributes.verb !== 'create' || !attributes.name) {
    return deny('can only create tokens for individual service accounts')
  }
  if (attributes.subresource !== 'token') return deny('can only create token subresource of serviceaccount')
  return isOwnAccount(node, attributes, graph)
}

const ownObjectVerbs = ['get', 'create', 'update', 'patch', 'delete']

/** The name is not known when an object is created; NodeRestriction looks at it. */
function isOthers(node: string, { verb, name }: AuthorizationAttributes): boolean {
  return verb !== 'create' && name !== node
}

const judgeLease: Judge = (node, attributes) => {
  if (!ownObjectVerbs.includes(attributes.verb)) {
    return deny('can only get, create, update, patch, or delete a node lease')
  }
  if (attributes.namespace !== leaseNamespace) {
    return deny(`can only access leases in the "${leaseNamespace}" system namespace`)
  }
  if (isOthers(node, attributes)) {
    return deny('can only access node lease with the same name as the requesting node')
  }
  return allowed
}

const judgeCsiNode: Judge = (node, attributes) => {
  if (!ownObjectVerbs.includes(attributes.verb)) {
    return deny('can only get, create, update, patch, or delete a CSINode')
  }
  if (attributes.subresource) return deny('cannot authorize CSINode subresources')
  if (isOthers(node, attributes)) {
    return deny('can only access CSINode with the same name as the requesting node')
  }
  return allowed
}

const isOwnSlice = related('slice')
const judgeSlice: Judge = (node, attributes, graph) => {
  if (attributes.subresource) return deny('cannot authorize ResourceSlice subresources')
  switch (attributes.verb) {
    case 'create':
      return allowed
    case 'get':
    case 'update':
    case 'patch':
    case 'delete':
      return isOwnSlice(node, attributes, graph)
    case 'list':
    case 'watch':
    case 'deletecollection':
      if (selects(attributes.fieldSelector, 'spec.nodeName', node)) return allowed
      return deny('can only list/watch/deletecollection resourceslices with nodeName field selector')
    default:
      return deny(
        'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
      )
  }
}

const judgeNode: Judge = (node, { verb, subresource, name }) => {
  if (subresource === 'status') return { allowed: verb === 'update' || verb === 'patch' }
  if (subresource) return deny()
  if (['create', 'update', 'patch'].includes(verb)) return allowed
  if (!['get', 'list', 'watch'].includes(verb)) return deny()
  if (name === node) return allowed
  if (!name) return deny(`node '${node}' cannot read all nodes, only its own Node object`)
  return deny(`node '${node}' cannot read '${name}', only its own Node object`)
}

const getPod = getOnly('pod')
const isOwnPod = related('pod')
const judgePod: Judge = (node, attributes, graph) => {
  const { verb, subresource, name } = attributes
  if (subresource === 'status') return { allowed: verb === 'update' || verb === 'patch' }
  if (subresource === 'eviction') return { allowed: verb === 'create' }
  if (subresource) return deny()
  if (verb === 'get') return getPod(node, attributes, graph)
  if (verb === 'create' || verb === 'delete') return allowed
  if (verb !== 'list' && verb !== 'watch') return deny()
  if (selects(attributes.fieldSelector, 'spec.nodeName', node)) return allowed
  if (name) return isOwnPod(node, attributes, graph)
  return deny('can only list/watch pods with spec.nodeName field selector')
}

function selects(selector: string | undefined, field: string, value: string): boolean {
  return (selector ?? '')
    .split(',')
    .some((term) => term === `${field}=${value}` || term === `${field}==${value}`)
}

const judges = new Map<string, Judge>([
  ['secrets', readNamespaced('secret')],
  ['configmaps', readNamespaced('configMap')],
  ['persistentvolumeclaims', judgeClaim],
  ['persistentvolumes', getOnly('volume')],
  ['resourceclaims.resource.k8s.io', getOnly('resourceClaim')],
  ['volumeattachments.storage.k8s.io', getOnly('attachment')],
  ['serviceaccounts', judgeServiceAccount],
  ['leases.coordination.k8s.io', judgeLease],
  ['csinodes.storage.k8s.io', judgeCsiNode],
  ['resourceslices.resource.k8s.io', judgeSlice],
  ['nodes', judgeNode],
  ['pods', judgePod],
])
