import type { CustomResourceColumnDefinition } from '../../api/generated/apiextensions-v1.ts'
import { goMapJson, goNumber, isNumber } from '../../api/go-text.ts'
import { humanAge } from '../../api/human-duration.ts'
import { JsonPathError, compileJsonPath } from '../../api/json-path.ts'
import type { Column } from '../../registry/kind.ts'
import { hasFormat } from '../../registry/schema/structural/formats.ts'
import { ageColumn, nameColumn } from '../columns.ts'

/**
 * The columns of a custom resource (upstream: customresource/tableconvertor): Name and those of its definition, or Name
 * and Age when it names none, or one that cannot be read.
 */
export function customColumns(columns: CustomResourceColumnDefinition[] | undefined): Column<never>[] {
  const own = columns && columns.length > 0 ? readColumns(columns) : undefined
  return [nameColumn(), ...(own ?? [{ ...ageColumn(), type: 'date' as const }])]
}

function readColumns(columns: CustomResourceColumnDefinition[]): Column<never>[] | undefined {
  try {
    return columns.map(readColumn)
  } catch (error) {
    if (error instanceof JsonPathError) return undefined
    throw error
  }
}

function readColumn(column: CustomResourceColumnDefinition): Column<never> {
  const { name, format, priority, jsonPath } = column
  const type = column.type as Column<never>['type']
  const read = compileJsonPath(jsonPath)
  return {
    name,
    type,
    description: column.description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    ...(format && { format }),
    ...(priority !== undefined && { priority }),
    value: (object, now) => cellOf(type, read(object)[0], now),
  }
}

function cellOf(type: string, value: unknown, now: number): string | number | bigint | boolean | null {
  if (value === undefined) return null
  if (value === null) return type === 'string' ? '<no value>' : null
  switch (type) {
    case 'string':
      return textOf(value)
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : typeof value === 'bigint' ? value : null
    case 'number':
      return isNumber(value) ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      if (typeof value !== 'string') return null
      if (value === '') return '<unknown>'
      return isTime(value) ? humanAge(value, now) : '<invalid>'
    default:
      return null
  }
}

/** A value as Go's templates print it. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return isNumber(value) ? goNumber(value) : goMapJson(value)
}

/** Whether a text is a time as Go reads it, which takes no small letters. */
function isTime(text: string): boolean {
  return hasFormat('date-time', text) === true && !/[tz]/.test(text)
}
