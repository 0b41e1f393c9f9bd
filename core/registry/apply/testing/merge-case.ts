import { expect } from 'vitest'
import { parse } from 'yaml'
import type { Schema } from '../../schema/schema.ts'
import { ApplyScenario } from './apply-scenario.ts'

/** `apply` with the conflicts it is refused for; `force` and `update` are never refused. */
type Step = [verb: 'apply' | 'force' | 'update', manager: string, content: string, conflicts?: string[]]

/** What several managers write one after another, and what comes of it. */
export interface Case {
  name: string
  steps: Step[]
  content: string
  owners?: Record<string, string[]>
}

const text: Schema = { type: 'string' }

const number: Schema = { type: 'integer' }

const set: Schema = { type: 'array', items: text, 'x-kubernetes-list-type': 'set' }

const texts: Schema = { type: 'object', additionalProperties: text }

const struct: Schema = { type: 'object', properties: { name: text, value: number } }

const keyed = (properties: Record<string, Schema>, keys = ['name']): Schema => ({
  type: 'array',
  items: { type: 'object', properties: { name: text, ...properties } },
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
})

const protocol: Schema = { ...text, default: 'TCP' }

/** The members of the spec that the cases write. */
export const fields: Record<string, Schema> = {
  text,
  number,
  set,
  texts,
  struct,
  items: keyed({ value: number, more: number }),
  itemsOfSets: keyed({ value: set }),
  itemsOfTexts: keyed({ value: texts }),
  ports: keyed({ port: number, protocol }, ['port', 'protocol']),
  setsByName: { type: 'object', additionalProperties: set },
  textsByName: { type: 'object', additionalProperties: texts },
  whole: { ...texts, 'x-kubernetes-map-type': 'atomic' },
  list: { type: 'array', items: text },
  open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
}

/** Plays the steps of a case and checks what is left, and whose it is. */
export function run({ steps, content, owners }: Case): void {
  const scenario = new ApplyScenario(fields)
  for (const [verb, manager, config, conflicts = []] of steps) {
    if (verb === 'update') scenario.update(manager, config)
    else expect(scenario.apply(manager, config, { force: verb === 'force' })).toEqual(conflicts)
  }
  expect(scenario.content()).toEqual(parse(content) ?? {})
  if (owners) expect(scenario.owners()).toEqual(owners)
}
