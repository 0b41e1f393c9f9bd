import { parseExactJson } from '../../api/exact-json.ts'
import { tooLarge } from '../../api/status.ts'
import { goKind } from '../../util/go-kind.ts'
import { jsonEqual } from '../json-equal.ts'
import { add, get, isContainer, placeOf, remove, set, type Container } from './json-document.ts'
import { PatchError, PatchTestError } from './patch-error.ts'

/** Upstream's limits (apiserver pkg/endpoints/handlers/patch.go; JSONPatchMaxCopyBytes of its configuration). */
const maxOperations = 10_000
const maxCopiedBytes = 3 * 1024 * 1024

interface Operation {
  op?: string
  path?: string
  from?: string
  value?: unknown
}

/**
 * Applies a JSON patch (RFC 6902) to a copy, as upstream's library does (evanphx/json-patch v4): a `replace` of a member that an object
 * does not have adds it, a value that is left out is null, null and nothing are the same to a `test`, and indices may count from the end.
 * Throws PatchError, PatchTestError for a test that says no; 413 for too many operations.
 */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  const patch = decode(operations)
  let root = structuredClone(document) as Container
  let copiedBytes = 0
  for (const operation of patch) {
    if (operation.op === 'copy') copiedBytes = copy(root, operation, copiedBytes)
    else root = apply(root, operation)
  }
  return root
}

const knownFields = new Set(['op', 'path', 'from', 'value'])

/** What strict decoding says of the members of operations that no JSON patch has; nothing of what is no JSON patch at all. */
export function unknownOperationFields(operations: unknown): string[] {
  if (!Array.isArray(operations)) return []
  return operations.flatMap((operation: unknown, index) => {
    const unknown = isContainer(operation)
      ? Object.keys(operation).filter((name) => !knownFields.has(name))
      : []
    return unknown.sort().map((name) => `json patch unknown field "[${index}].${name}"`)
  })
}

function decode(operations: unknown): Operation[] {
  if (operations === null) return []
  if (!Array.isArray(operations)) throw undecodable(operations, 'value of type []handlers.jsonPatchOp')
  if (operations.length > maxOperations) {
    throw tooLarge(
      `Request entity too large: The allowed maximum operations in a JSON patch is ${maxOperations}, got ${operations.length}`,
    )
  }
  for (const operation of operations as unknown[]) {
    if (!isContainer(operation) || Array.isArray(operation))
      throw undecodable(operation, 'value of type handlers.jsonPatchOp')
    for (const name of ['op', 'from', 'path']) {
      const member = operation[name] ?? ''
      if (typeof member !== 'string')
        throw undecodable(member, `struct field jsonPatchOp.${name} of type string`)
    }
  }
  return operations as Operation[]
}

function undecodable(value: unknown, target: string): PatchError {
  return new PatchError(
    `error decoding patch: json: cannot unmarshal ${goKind(value)} into Go ${target}`,
    'malformed',
  )
}

function apply(root: Container, operation: Operation): Container {
  switch (operation.op) {
    case 'add':
      addAt(root, { op: 'add', path: pathOf(operation), what: '' }, operation.value ?? null)
      return root
    case 'remove': {
      const path = pathOf(operation)
      const { holder, key } = find(
        root,
        path,
        `remove operation does not apply: doc is missing path: "${path}"`,
      )
      explain(`error in remove for path: '${path}'`, () => remove(holder, key))
      return root
    }
    case 'replace':
      return replace(root, operation)
    case 'move': {
      const { value, key, holder } = source(root, operation, 'move')
      explain(`error in move for path: '${key}'`, () => remove(holder, key))
      addAt(root, { op: 'move', path: pathOf(operation), what: 'destination ' }, value)
      return root
    }
    case 'test':
      test(root, operation)
      return root
    default:
      throw new PatchError(`Unexpected kind: ${operation.op ?? 'unknown'}`)
  }
}

function replace(root: Container, operation: Operation): Container {
  const path = pathOf(operation)
  const { value = null } = operation
  if (path === '') {
    if (isContainer(value)) return structuredClone(value)
    throw new PatchError('replace operation value must be object or array')
  }
  const { holder, key } = find(root, path, `replace operation does not apply: doc is missing path: ${path}`)
  try {
    get(holder, key)
  } catch {
    throw new PatchError(`replace operation does not apply: doc is missing key: ${path}: missing value`)
  }
  set(holder, key, structuredClone(value))
  return root
}

function test(root: Container, operation: Operation): void {
  const path = pathOf(operation)
  const { value = null } = operation
  let found: unknown = root
  if (path !== '') {
    const { holder, key } = find(root, path, `test operation does not apply: is missing path: ${path}`)
    found = explain(`error in test for path: '${path}'`, () => get(holder, key)) ?? null
  }
  if (!jsonEqual(found, value)) throw new PatchTestError(`testing value ${path} failed: test failed`)
}

/** Returns how many bytes have been copied with this. */
function copy(root: Container, operation: Operation, copiedBytes: number): number {
  const { value } = source(root, operation, 'copy')
  const path = pathOf(operation)
  const text = JSON.stringify(value ?? null)
  const bytes = copiedBytes + Buffer.byteLength(text)
  if (bytes > maxCopiedBytes) {
    const limits = `accumulated size increase of copy is ${bytes}, exceeding the limit ${maxCopiedBytes}`
    throw new PatchError(`Unable to complete the copy, the ${limits}`)
  }
  addAt(root, { op: 'copy', path, what: 'destination ' }, parseExactJson(text))
  return bytes
}

function addAt(
  root: Container,
  { op, path, what }: { op: string; path: string; what: string },
  value: unknown,
): void {
  const shown = op === 'add' ? `"${path}"` : path
  const { holder, key } = find(
    root,
    path,
    `${op} operation does not apply: doc is missing ${what}path: ${shown}`,
  )
  explain(op === 'copy' ? 'error while adding value during copy' : `error in ${op} for path: '${path}'`, () =>
    add(holder, key, op === 'add' ? structuredClone(value) : value),
  )
}

/** What a move or a copy takes. */
function source(
  root: Container,
  { from }: Operation,
  op: string,
): { holder: Container; key: string; value: unknown } {
  if (from === undefined || from === null)
    throw new PatchError(
      `${op} operation failed to decode from: operation, missing from field: missing value`,
    )
  const { holder, key } = find(
    root,
    from,
    `${op} operation does not apply: doc is missing from path: ${from}`,
  )
  const where = op === 'move' ? `path: '${key}'` : `from: '${from}'`
  return { holder, key, value: explain(`error in ${op} for ${where}`, () => get(holder, key)) ?? null }
}

function pathOf({ op, path }: Operation): string {
  if (typeof path === 'string') return path
  const why = op === 'replace' || op === 'test' || op === 'move' ? 'operation missing path field: ' : ''
  throw new PatchError(`${op} operation failed to decode path: ${why}missing value`)
}

function find(root: Container, pointer: string, complaint: string): { holder: Container; key: string } {
  const place = placeOf(root, pointer)
  if (!place) throw new PatchError(`${complaint}: missing value`)
  return place
}

/** Says in front of what goes wrong where it did. */
function explain<T>(where: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new PatchError(`${where}: ${(error as Error).message}`)
  }
}
