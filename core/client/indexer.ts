import { objectKey, type KubeObject } from '../api/meta.ts'

/** The values an object is found under in one index. */
export type IndexFunction<T> = (object: T) => string[]

/** Indexes that every store has. */
const namespaceIndex = 'namespace'
/** By the uid of every owner, controlling or not. */
const ownerIndex = 'ownerUid'

/** What handlers and controllers see of an indexed store: shared objects, never to be mutated. */
export interface Lister<T extends KubeObject> {
  readonly size: number
  /** By `objectKey`. */
  get(key: string): T | undefined
  list(): T[]
  /** Objects of one namespace; undefined gives all. */
  inNamespace(namespace: string | undefined): T[]
  /** Objects with this uid among their owners. */
  ownedBy(uid: string): T[]
  /** Throws when there is no index of that name. */
  byIndex(index: string, value: string): T[]
}

interface Index<T> {
  valuesOf: IndexFunction<T>
  entries: Map<string, Map<string, T>>
}

/** Objects by key with secondary indexes that are kept up to date at every change (upstream: client-go tools/cache). */
export class Indexer<T extends KubeObject> implements Lister<T> {
  #objects = new Map<string, T>()
  #indexes = new Map<string, Index<T>>()

  constructor() {
    this.addIndex(namespaceIndex, (object) => [object.metadata.namespace ?? ''])
    this.addIndex(ownerIndex, (object) => object.metadata.ownerReferences?.map(({ uid }) => uid) ?? [])
  }

  get size(): number {
    return this.#objects.size
  }

  /** Adds an index, filled from what is there. A second index of the same name is ignored. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    if (this.#indexes.has(name)) return
    const index: Index<T> = { valuesOf, entries: new Map() }
    this.#indexes.set(name, index)
    for (const [key, object] of this.#objects) insert(index, key, object)
  }

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  list(): T[] {
    return [...this.#objects.values()]
  }

  keys(): string[] {
    return [...this.#objects.keys()]
  }

  inNamespace(namespace: string | undefined): T[] {
    return namespace === undefined ? this.list() : this.byIndex(namespaceIndex, namespace)
  }

  ownedBy(uid: string): T[] {
    return this.byIndex(ownerIndex, uid)
  }

  byIndex(name: string, value: string): T[] {
    const index = this.#indexes.get(name)
    if (!index) throw new Error(`no index "${name}"`)
    const found = index.entries.get(value)
    return found ? [...found.values()] : []
  }

  /** Puts an object in place of the one with its key, and returns that one. */
  set(object: T): T | undefined {
    const key = objectKey(object)
    const previous = this.#objects.get(key)
    for (const index of this.#indexes.values()) {
      if (previous) remove(index, key, previous)
      insert(index, key, object)
    }
    this.#objects.set(key, object)
    return previous
  }

  /** Takes the object with this key out and returns it. */
  delete(key: string): T | undefined {
    const previous = this.#objects.get(key)
    if (!previous) return undefined
    for (const index of this.#indexes.values()) remove(index, key, previous)
    this.#objects.delete(key)
    return previous
  }
}

function insert<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.valuesOf(object)) {
    let bucket = index.entries.get(value)
    if (!bucket) index.entries.set(value, (bucket = new Map<string, T>()))
    bucket.set(key, object)
  }
}

function remove<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.valuesOf(object)) {
    const bucket = index.entries.get(value)
    bucket?.delete(key)
    if (bucket?.size === 0) index.entries.delete(value)
  }
}
