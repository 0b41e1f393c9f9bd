import { inject, type InjectionKey } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import type { ActionHost, ActionTarget, KindAction } from './action.ts'
import type { KindView } from './kind-view.ts'

/** Names an object by what references carry. */
export interface ObjectAddress {
  apiVersion?: string | undefined
  kind: string
  namespace?: string | undefined
  name: string
}

/** What views of one cluster get from the shell around them. */
export interface AppContext {
  /** Id of the cluster being looked at. */
  readonly cluster: string
  readonly host: ActionHost
  /** Where an object's detail is; undefined for a kind that is not served. */
  objectRoute(address: ObjectAddress): RouteLocationRaw | undefined
  /** The view of a kind, if it is served. */
  viewOf(address: Pick<ObjectAddress, 'apiVersion' | 'kind'>): KindView | undefined
  /** Runs an action at once or opens its dialog. */
  runAction(action: KindAction, targets: ActionTarget[]): void
  /** Narrows the current list, or that of pods, to a label. */
  filterByLabel(key: string, value: string): void
}

export const appContextKey: InjectionKey<AppContext> = Symbol('app context')

/** The shell's services; throws outside of a cluster's views. */
export function useAppContext(): AppContext {
  const context = inject(appContextKey)
  if (!context) throw new Error('useAppContext needs a component inside ClusterShell')
  return context
}
