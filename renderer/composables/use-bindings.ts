import { computed, type ComputedRef } from 'vue'
import type { ClusterRoleBinding, RoleBinding } from '../../core/api/generated/rbac-v1.ts'
import { resources } from '../../core/api/resources.ts'
import type { Status } from '../../core/api/status.ts'
import { useAppContext } from '../kit/app-context.ts'
import { useObjects } from './use-objects.ts'

export interface Bindings {
  bindings: ComputedRef<(RoleBinding | ClusterRoleBinding)[]>
  state: ComputedRef<'loading' | 'ready' | 'error'>
  error: ComputedRef<Status | undefined>
}

/** All bindings of a namespace, or of all, and those of the whole cluster. */
export function useBindings(namespace: () => string | undefined): Bindings {
  const app = useAppContext()
  const roleBindings = useObjects<RoleBinding>(() => ({
    cluster: app.cluster,
    resource: resources.roleBindings,
    namespace: namespace(),
  }))
  const clusterRoleBindings = useObjects<ClusterRoleBinding>(() => ({
    cluster: app.cluster,
    resource: resources.clusterRoleBindings,
  }))
  const both = [roleBindings, clusterRoleBindings]
  return {
    bindings: computed(() => [...clusterRoleBindings.objects.value, ...roleBindings.objects.value]),
    state: computed(() => {
      if (both.some(({ state }) => state.value === 'error')) return 'error'
      return both.some(({ state }) => state.value === 'loading') ? 'loading' : 'ready'
    }),
    error: computed(() => both.find(({ error }) => error.value)?.error.value),
  }
}
