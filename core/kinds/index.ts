import type { KindDefinition } from '../registry/kind.ts'
import { controllerRevision } from './apps/controllerrevision.ts'
import { daemonSet } from './apps/daemonset.ts'
import { deployment } from './apps/deployment.ts'
import { replicaSet } from './apps/replicaset.ts'
import { statefulSet } from './apps/statefulset.ts'
import { selfSubjectReview } from './authentication/selfsubjectreview.ts'
import { tokenReview } from './authentication/tokenreview.ts'
import { localSubjectAccessReview } from './authorization/localsubjectaccessreview.ts'
import { selfSubjectAccessReview } from './authorization/selfsubjectaccessreview.ts'
import { selfSubjectRulesReview } from './authorization/selfsubjectrulesreview.ts'
import { subjectAccessReview } from './authorization/subjectaccessreview.ts'
import { cronJob } from './batch/cronjob.ts'
import { job } from './batch/job.ts'
import { lease } from './coordination/lease.ts'
import { configMap } from './core/configmap.ts'
import { endpoints } from './core/endpoints.ts'
import { event } from './core/event.ts'
import { namespace } from './core/namespace.ts'
import { node } from './core/node.ts'
import { pod } from './core/pod/index.ts'
import { podTemplate } from './core/podtemplate.ts'
import { replicationController } from './core/replicationcontroller.ts'
import { secret } from './core/secret.ts'
import { service } from './core/service/index.ts'
import { serviceAccount } from './core/serviceaccount.ts'
import { endpointSlice } from './discovery/endpointslice.ts'
import { clusterRole } from './rbac/clusterrole.ts'
import { clusterRoleBinding } from './rbac/clusterrolebinding.ts'
import { role } from './rbac/role.ts'
import { roleBinding } from './rbac/rolebinding.ts'

/** Every built-in kind, in discovery order: by group, within a group by plural. */
export const builtInKinds: KindDefinition[] = [
  configMap,
  endpoints,
  event,
  namespace,
  node,
  pod,
  podTemplate,
  replicationController,
  secret,
  serviceAccount,
  service,
  controllerRevision,
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
  selfSubjectReview,
  tokenReview,
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  subjectAccessReview,
  cronJob,
  job,
  lease,
  endpointSlice,
  clusterRoleBinding,
  clusterRole,
  roleBinding,
  role,
]
