import { useRouter, type RouteLocationRaw } from 'vue-router'
import { createKubeClient } from '../client/kube-client.ts'
import type { ActionTarget } from '../kit/action.ts'
import type { AppContext, ObjectAddress } from '../kit/app-context.ts'
import { useDialogsStore } from '../stores/dialogs.ts'
import { useDockStore } from '../stores/dock.ts'
import { useKindsStore } from '../stores/kinds.ts'
import { useNamespacesStore } from '../stores/namespaces.ts'
import { useCopy } from './use-copy.ts'

/** Builds what the shell offers to the views of one cluster. */
export function useNewAppContext(cluster: string): AppContext {
  const router = useRouter()
  const kinds = useKindsStore()
  const dock = useDockStore()
  const dialogs = useDialogsStore()
  const namespaces = useNamespacesStore()
  const copy = useCopy()

  function subtitleOf({ resource, namespace }: ActionTarget): string {
    return [namespace, resource.kind].filter(Boolean).join(' · ')
  }

  const host: AppContext['host'] = {
    kube: createKubeClient(cluster),
    copy,
    openLogs(target, options = {}) {
      const { resource, name, namespace = '' } = target
      dock.open({
        kind: 'logs',
        cluster,
        title: name,
        subtitle: subtitleOf(target),
        resource,
        namespace,
        name,
        ...options,
      })
    },
    openShell(target, container) {
      const { name, namespace = '' } = target
      dock.open({
        kind: 'shell',
        cluster,
        title: name,
        subtitle: subtitleOf(target),
        namespace,
        pod: name,
        ...(container ? { container } : {}),
      })
    },
    openEditor(target) {
      const { resource, name, namespace } = target
      dock.open({
        kind: 'edit',
        cluster,
        title: name,
        subtitle: subtitleOf(target),
        resource,
        name,
        ...(namespace ? { namespace } : {}),
      })
    },
    selectNamespace(name) {
      namespaces.select(cluster, [name])
      void router.push({ name: 'list', params: { cluster, kind: 'pods' } })
    },
    openPortForward(target) {
      dialogs.portForward = target
    },
  }

  function objectRoute({ apiVersion, kind, namespace, name }: ObjectAddress): RouteLocationRaw | undefined {
    const view = kinds.byKind(cluster, kind, apiVersion)
    if (!view) return undefined
    return {
      name: 'list',
      params: { cluster, kind: view.id },
      query: { sel: namespace && view.resource.namespaced ? `${namespace}/${name}` : name },
    }
  }

  return {
    cluster,
    host,
    objectRoute,
    viewOf: ({ apiVersion, kind }) => kinds.byKind(cluster, kind, apiVersion),
    runAction(action, targets) {
      const first = targets[0]
      if (!first) return
      if (action.dialog) dialogs.action = { action, targets }
      else for (const target of targets) action.open?.(host, target)
    },
    filterByLabel(key, value) {
      const current = router.currentRoute.value
      const kind = typeof current.params.kind === 'string' ? current.params.kind : 'pods'
      const { sel, tab, ...query } = current.query
      const keep = current.name === 'list' ? { ...query, sel, tab } : {}
      void router.push({ name: 'list', params: { cluster, kind }, query: { ...keep, q: `${key}=${value}` } })
    },
  }
}
