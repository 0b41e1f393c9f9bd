import { addQuantities, compareQuantity, subtractQuantities } from '../quantity.ts'

/** Quantities by the name of what they are of, such as a quota's `hard` and `used`. */
export type Amounts = Record<string, string>

/** Both together. */
export function addAmounts(a: Amounts, b: Amounts): Amounts {
  const sum = { ...a }
  for (const [name, amount] of Object.entries(b)) {
    const before = sum[name]
    sum[name] = before === undefined ? amount : addQuantities(before, amount)
  }
  return sum
}

/** The greater of both, name by name. */
export function maxAmounts(a: Amounts, b: Amounts): Amounts {
  const most = { ...a }
  for (const [name, amount] of Object.entries(b)) {
    const before = most[name]
    if (before === undefined || compareQuantity(amount, before) > 0) most[name] = amount
  }
  return most
}

/** What `a` has more than `b`; only names where it has more. */
export function growthOf(a: Amounts, b: Amounts): Amounts {
  const growth: Amounts = {}
  for (const [name, amount] of Object.entries(a)) {
    const difference = subtractQuantities(amount, b[name] ?? '0')
    if (compareQuantity(difference, '0') > 0) growth[name] = difference
  }
  return growth
}

/** Only the named amounts. */
export function pickAmounts(amounts: Amounts, names: readonly string[]): Amounts {
  const picked: Amounts = {}
  for (const name of names) {
    const amount = amounts[name]
    if (amount !== undefined) picked[name] = amount
  }
  return picked
}

/** Whether both say the same, however it is written. */
export function isSameAmounts(a: Amounts, b: Amounts): boolean {
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every((name) => b[name] !== undefined && compareQuantity(a[name]!, b[name]) === 0)
}

/** `cpu=1,pods=2`, in order. */
export function formatAmounts(amounts: Amounts): string {
  return Object.keys(amounts)
    .sort()
    .map((name) => `${name}=${amounts[name]}`)
    .join(',')
}
