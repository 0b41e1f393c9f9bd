import type { KindDefinition } from '../registry/kind.ts'
import { controllerRevision } from './apps/controllerrevision.ts'
import { deployment } from './apps/deployment.ts'
import { replicaSet } from './apps/replicaset.ts'
import { lease } from './coordination/lease.ts'
import { configMap } from './core/configmap.ts'
import { endpoints } from './core/endpoints.ts'
import { event } from './core/event.ts'
import { namespace } from './core/namespace.ts'
import { node } from './core/node.ts'
import { pod } from './core/pod/index.ts'
import { podTemplate } from './core/podtemplate.ts'
import { secret } from './core/secret.ts'
import { service } from './core/service/index.ts'
import { serviceAccount } from './core/serviceaccount.ts'
import { endpointSlice } from './discovery/endpointslice.ts'

/** Every built-in kind, in discovery order: by group, within a group by plural. */
export const builtInKinds: KindDefinition[] = [
  configMap,
  endpoints,
  event,
  namespace,
  node,
  pod,
  podTemplate,
  secret,
  serviceAccount,
  service,
  controllerRevision,
  deployment,
  replicaSet,
  lease,
  endpointSlice,
]
