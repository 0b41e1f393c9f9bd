import { duplicate, tooLong, tooMany } from '../../api/field-errors.ts'
import type { FieldError } from '../../api/status.ts'
import { repeats } from '../validation/repeats.ts'

type Validate<Item> = (item: Item, path: string) => FieldError[]

/** A list of at most `max` items; of one that is longer nothing else is said (upstream: validateSlice). */
export function validateItems<Item>(
  items: Item[],
  path: string,
  { max, validate }: { max: number; validate: Validate<Item> },
): FieldError[] {
  if (items.length > max) return [tooMany(path, items.length, max)]
  return items.flatMap((item, at) => validate(item, `${path}[${at}]`))
}

/** Such a list whose items differ by their key (upstream: validateSet). */
export function validateSet<Item>(
  items: Item[],
  path: string,
  { key, ...rules }: { max: number; key: (item: Item) => string; validate: Validate<Item> },
): FieldError[] {
  const errors = validateItems(items, path, rules)
  return items.length > rules.max ? errors : [...errors, ...duplicates(items.map(key), path)]
}

/** What is there a second time. */
export function duplicates(keys: string[], path: string): FieldError[] {
  return [...repeats(keys)].map((at) => duplicate(`${path}[${at}]`, keys[at]))
}

/** A text of at most `max` bytes. */
export function validateLength(text: string, max: number, path: string): FieldError[] {
  return Buffer.byteLength(text) > max ? [tooLong(path, max)] : []
}
