import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { KubeObject } from '../../core/api/meta.ts'
import type { Status } from '../../core/api/status.ts'
import { toStatus } from '../client/http.ts'
import { watchObjects, type WatchTarget } from '../client/watch.ts'

export interface WatchedObjects<T> {
  objects: ShallowRef<T[]>
  state: ShallowRef<'loading' | 'ready' | 'error'>
  error: ShallowRef<Status | undefined>
  retry(): void
}

/**
 * Full objects of a target, watched while the caller's scope lives; for details, where they are few. An undefined
 * target gives an empty, ready list.
 */
export function useObjects<T extends KubeObject>(target: () => WatchTarget | undefined): WatchedObjects<T> {
  const objects = shallowRef<T[]>([])
  const state = shallowRef<'loading' | 'ready' | 'error'>('loading')
  const error = shallowRef<Status>()
  let controller: AbortController | undefined

  function start(): void {
    controller?.abort()
    const current = new AbortController()
    controller = current
    const wanted = target()
    objects.value = []
    error.value = undefined
    state.value = wanted ? 'loading' : 'ready'
    if (!wanted) return
    const known = new Map<string, T>()
    const publish = (): void => {
      if (!current.signal.aborted) objects.value = [...known.values()]
    }
    void watchObjects<T>(
      wanted,
      {
        reset(items) {
          known.clear()
          for (const item of items) known.set(item.metadata.uid ?? item.metadata.name, item)
          state.value = 'ready'
          error.value = undefined
          publish()
        },
        change(type, object) {
          const key = object.metadata.uid ?? object.metadata.name
          if (type === 'DELETED') known.delete(key)
          else known.set(key, object)
          publish()
        },
        failed(cause, final) {
          if (!final && known.size) return
          error.value = toStatus(cause)
          state.value = 'error'
        },
      },
      current.signal,
    )
  }

  watch(() => JSON.stringify(target() ?? null), start, { immediate: true })
  onScopeDispose(() => controller?.abort())
  return { objects, state, error, retry: start }
}
