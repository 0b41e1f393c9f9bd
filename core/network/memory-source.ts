import type { KubeObject } from '../api/meta.ts'
import type { ObjectChange, ObjectSource } from './object-source.ts'

/** An ObjectSource that holds what it is given; for tests. Objects are known by namespace and name. */
export class MemorySource<T extends KubeObject> implements ObjectSource<T> {
  readonly synced = Promise.resolve()
  #objects = new Map<string, T>()
  #listeners = new Set<(change: ObjectChange<T>) => void>()

  constructor(objects: T[] = []) {
    for (const object of objects) this.put(object)
  }

  list(): Iterable<T> {
    return this.#objects.values()
  }

  onChange(listener: (change: ObjectChange<T>) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  put(object: T): void {
    const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
    const previous = this.#objects.get(key)
    this.#objects.set(key, object)
    for (const listener of this.#listeners) listener({ ...(previous ? { previous } : {}), current: object })
  }

  delete(namespace: string, name: string): void {
    const previous = this.#objects.get(`${namespace}/${name}`)
    if (!previous) return
    this.#objects.delete(`${namespace}/${name}`)
    for (const listener of this.#listeners) listener({ previous })
  }
}
