import type { GroupVersionKind } from '../api/gvk.ts'
import { isCustom } from '../registry/kind.ts'
import type { ExpectedBody } from './body/body-decoder.ts'
import type { KindDefinition } from '../registry/kind.ts'

/** A subresource as discovery lists it. */
export interface ServedSubresource {
  name: string
  kind: GroupVersionKind
  /** An older version that a body may be of, whose fields are the same. */
  olderVersion?: string
  /** API verbs, in alphabetical order. */
  verbs: string[]
  /** Served by the server itself, not by the kind. */
  isOwn?: boolean
  /** Opens a connection to what it is of, by options of `kind`. */
  isConnection?: boolean
}

/** Subresources the server itself serves: streams and those that are no change of their parent. */
const ownSubresources: Record<string, ServedSubresource[]> = {
  '/nodes': [proxyOf('NodeProxyOptions')],
  '/services': [proxyOf('ServiceProxyOptions')],
  '/pods': [
    { name: 'attach', kind: core('PodAttachOptions'), verbs: ['create', 'get'], isConnection: true },
    {
      name: 'eviction',
      kind: { group: 'policy', version: 'v1', kind: 'Eviction' },
      olderVersion: 'v1beta1',
      verbs: ['create'],
    },
    { name: 'exec', kind: core('PodExecOptions'), verbs: ['create', 'get'], isConnection: true },
    { name: 'log', kind: core('Pod'), verbs: ['get'] },
    {
      name: 'portforward',
      kind: core('PodPortForwardOptions'),
      verbs: ['create', 'get'],
      isConnection: true,
    },
    proxyOf('PodProxyOptions'),
  ],
  '/serviceaccounts': [
    {
      name: 'token',
      kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
      verbs: ['create'],
    },
  ],
}

function core(kind: string): GroupVersionKind {
  return { group: '', version: 'v1', kind }
}

function proxyOf(kind: string): ServedSubresource {
  const verbs = ['create', 'delete', 'get', 'patch', 'update']
  return { name: 'proxy', kind: core(kind), verbs, isConnection: true }
}

const scaleKind: GroupVersionKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' }
const readAndWrite = ['get', 'patch', 'update']

function kindOf({ group, version, kind }: KindDefinition): GroupVersionKind {
  return { group, version, kind }
}

/** Asked for with each write, whose definition is the same for as long as the kind is. */
const known = new WeakMap<KindDefinition, readonly ServedSubresource[]>()

/** Every subresource of a kind in the order of discovery: by name. */
export function servedSubresources(definition: KindDefinition): readonly ServedSubresource[] {
  let list = known.get(definition)
  if (!list) known.set(definition, (list = subresourcesOf(definition)))
  return list
}

function subresourcesOf(definition: KindDefinition): ServedSubresource[] {
  const list = new Map<string, ServedSubresource>()
  for (const own of ownSubresources[`${definition.group}/${definition.names.plural}`] ?? []) {
    list.set(own.name, { ...own, isOwn: true })
  }
  for (const [name, { body, verbs }] of Object.entries(definition.subresources ?? {})) {
    const kind = { group: body.group, version: body.version, kind: body.kind }
    list.set(name, { name, kind, verbs: [...verbs].sort() })
  }
  if (definition.scale) list.set('scale', { name: 'scale', kind: scaleKind, verbs: readAndWrite })
  if (definition.status) list.set('status', { name: 'status', kind: kindOf(definition), verbs: readAndWrite })
  const sorted = [...list.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  // Upstream's discovery has the status of a custom resource before its scale.
  return isCustom(definition) ? sorted.reverse() : sorted
}

/** What the body of a write to an object or to a subresource should be. */
export function expectedBodyOf(target: {
  definition: KindDefinition
  subresource: string | undefined
}): ExpectedBody {
  const { definition, subresource } = target
  const own = servedSubresources(definition).find(({ name }) => name === subresource)
  return {
    kind: () => own?.kind.kind ?? definition.kind,
    saysKind: isCustom(definition) && subresource !== 'scale',
  }
}
