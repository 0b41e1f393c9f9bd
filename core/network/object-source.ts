import type { KubeObject } from '../api/meta.ts'
import type { Informer } from '../client/informer.ts'

/** What the network needs of an informer: every object there is and every change, in order. */
export type ObjectSource<T extends KubeObject> = Pick<Informer<T>, 'addHandler' | 'whenSynced'>
