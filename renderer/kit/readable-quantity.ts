import { quantityMilli, quantityValue } from '../../core/api/quantity.ts'

/** A quantity for reading: bytes in GiB or MiB, CPU in cores, all else as it is. */
export function readableQuantity(resource: string, quantity: string | undefined): string {
  if (quantity === undefined) return '–'
  if (resource === 'cpu') return String(quantityMilli(quantity) / 1000)
  if (!/memory|storage|hugepages/.test(resource)) return quantity
  const bytes = quantityValue(quantity)
  const gibibytes = bytes / 1024 ** 3
  return gibibytes >= 1 ? `${gibibytes.toFixed(1)} GiB` : `${Math.round(bytes / 1024 ** 2)} MiB`
}
