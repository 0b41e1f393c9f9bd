import type { Resource } from '../api/gvk.ts'
import type { KubeList, KubeObject } from '../api/meta.ts'

/** What admission plugins read of the cluster; a Client is one. Failures are StatusErrors; answers must not be mutated. */
export interface AdmissionReader {
  get<T extends KubeObject>(resource: Resource<T>, ref: { namespace?: string; name: string }): Promise<T>
  /** Of one namespace, or of all. */
  list<T extends KubeObject>(resource: Resource<T>, options?: { namespace?: string }): Promise<KubeList<T>>
}

/** For what is given to objects as objects of their own; a Client is one. */
export interface AllocationClient extends AdmissionReader {
  create<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T>
  delete<T extends KubeObject>(
    resource: Resource<T>,
    ref: { namespace?: string; name: string },
    options?: { preconditions?: { uid?: string } },
  ): Promise<void>
}

/** For the plugins that also keep accounts in objects; a Client is one. */
export interface AdmissionClient extends AdmissionReader {
  /** Replaces an object's status; its resourceVersion must be the current one. */
  updateStatus<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T>
}
