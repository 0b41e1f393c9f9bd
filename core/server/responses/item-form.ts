import { parseExactJson } from '../../api/exact-json.ts'
import { apiVersionOf } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { isCustom, type KindDefinition } from '../../registry/kind.ts'

/** How the JSON of a kind's objects stands in its lists: `open`, then `bodyOf` an object's bytes. */
export interface ItemForm {
  readonly open: string
  /** A part of the bytes themselves where it can be. */
  bodyOf(bytes: Uint8Array): Uint8Array
}

const whole: ItemForm = { open: '', bodyOf: (bytes) => bytes }
const forms = new WeakMap<KindDefinition, ItemForm>()

/**
 * The form of a kind. Items of built-in kinds say neither kind nor apiVersion, which the list says for all of them; those of
 * custom resources do (upstream: typed lists hold structs whose TypeMeta is empty, an UnstructuredList whole objects).
 */
export function itemFormOf(definition: KindDefinition): ItemForm {
  let form = forms.get(definition)
  if (!form) {
    form = isCustom(definition) ? whole : withoutType(definition)
    forms.set(definition, form)
  }
  return form
}

/** Stored objects begin with their type, which is cut off; what was stored otherwise once is written anew. */
function withoutType(definition: KindDefinition): ItemForm {
  const type = `{"kind":"${definition.kind}","apiVersion":"${apiVersionOf(definition)}",`
  const prefix = Buffer.from(type)
  const rewritten = new WeakMap<Uint8Array, Uint8Array>()
  return {
    open: '{',
    bodyOf(bytes) {
      if (beginsWith(bytes, prefix)) return bytes.subarray(prefix.length)
      let body = rewritten.get(bytes)
      if (!body) {
        body = rewrite(bytes)
        rewritten.set(bytes, body)
      }
      return body
    },
  }
}

function beginsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  for (let at = 0; at < prefix.length; at++) if (bytes[at] !== prefix[at]) return false
  return true
}

function rewrite(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = parseExactJson(text) as KubeObject
  return Buffer.from(JSON.stringify(rest).slice(1))
}
