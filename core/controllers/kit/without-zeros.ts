/**
 * A status as the API stores it: counts that are zero are left out of it where upstream's Go field is `omitempty`, so a
 * computed status compares equal to the stored one.
 */
export function withoutZeros<T extends object>(status: T, fields: (keyof T)[]): T {
  const result = { ...status }
  for (const field of fields) if (result[field] === 0) delete result[field]
  return result
}
