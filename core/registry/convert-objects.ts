import type { KubeObject } from '../api/meta.ts'

/**
 * Turns objects of one kind into another of its versions, all at once and in order, where versions differ by more than
 * their name. Those that are of the version already need not be asked about. Rejects with a StatusError.
 */
export type ConvertObjects = (objects: readonly KubeObject[], apiVersion: string) => Promise<KubeObject[]>
