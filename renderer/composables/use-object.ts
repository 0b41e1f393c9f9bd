import { computed, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { Resource } from '../../core/api/gvk.ts'
import type { KubeObject } from '../../core/api/meta.ts'
import type { Status } from '../../core/api/status.ts'
import { useObjects } from './use-objects.ts'

export interface WatchedObject {
  /** The newest known version; kept after a deletion so that it can still be read. */
  object: ShallowRef<KubeObject | undefined>
  /** `gone` = does not exist, or no longer. */
  state: ComputedRef<'loading' | 'ready' | 'error' | 'gone'>
  error: ShallowRef<Status | undefined>
  retry(): void
}

export interface ObjectInput {
  cluster: string
  resource: Resource
  namespace?: string | undefined
  name: string
}

/** One object, watched by name. */
export function useObject(input: () => ObjectInput): WatchedObject {
  const watched = useObjects<KubeObject>(() => {
    const { cluster, resource, namespace, name } = input()
    return { cluster, resource, namespace, fieldSelector: `metadata.name=${name}` }
  })
  const object = shallowRef<KubeObject>()
  watch(
    () => JSON.stringify([input().resource, input().namespace, input().name]),
    () => (object.value = undefined),
  )
  watch(watched.objects, ([found]) => {
    // A list's items carry no kind of their own; the YAML view needs them.
    if (found) object.value = withKind(found, input().resource)
  })
  const state = computed(() => {
    if (watched.state.value === 'ready') return watched.objects.value.length ? 'ready' : 'gone'
    return watched.state.value
  })
  return { object, state, error: watched.error, retry: watched.retry }
}

function withKind(object: KubeObject, { group, version, kind }: Resource): KubeObject {
  return {
    ...object,
    apiVersion: object.apiVersion ?? (group ? `${group}/${version}` : version),
    kind: object.kind ?? kind,
  }
}
