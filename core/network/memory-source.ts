import type { KubeObject } from '../api/meta.ts'
import type { InformerHandler } from '../client/informer.ts'
import type { ObjectSource } from './object-source.ts'

/** An ObjectSource that holds what it is given; for tests. Objects are known by namespace and name. */
export class MemorySource<T extends KubeObject> implements ObjectSource<T> {
  #objects = new Map<string, T>()
  #handlers = new Set<InformerHandler<T>>()

  constructor(objects: T[] = []) {
    for (const object of objects) this.put(object)
  }

  whenSynced(): Promise<void> {
    return Promise.resolve()
  }

  addHandler(handler: InformerHandler<T>): Disposable {
    this.#handlers.add(handler)
    for (const object of this.#objects.values()) handler.added?.(object)
    return { [Symbol.dispose]: () => void this.#handlers.delete(handler) }
  }

  put(object: T): void {
    const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
    const previous = this.#objects.get(key)
    this.#objects.set(key, object)
    for (const handler of this.#handlers) {
      if (previous) handler.updated?.(object, previous)
      else handler.added?.(object)
    }
  }

  delete(namespace: string, name: string): void {
    const object = this.#objects.get(`${namespace}/${name}`)
    if (!object) return
    this.#objects.delete(`${namespace}/${name}`)
    for (const handler of this.#handlers) handler.deleted?.(object, true)
  }
}
