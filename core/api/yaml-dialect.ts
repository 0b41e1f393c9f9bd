import { exactInteger } from './exact-json.ts'

const tagOf = (name: string): string => `tag:yaml.org,2002:${name}`
const timestamp = tagOf('timestamp')
/** What JSON has no value for, and what Go's YAML leaves as text. */
const left = [timestamp, ...['binary', 'omap', 'pairs', 'set'].map(tagOf)]

/**
 * Options of the package `yaml`, to read and write YAML as Kubernetes does (upstream: sigs.k8s.io/yaml): version 1.1, so
 * that `yes` is a boolean and `0644` octal, but without time stamps, sexagesimal numbers and whatever JSON does not have.
 */
export const yamlDialect = {
  version: '1.1' as const,
  customTags: <Tag>(tags: Tag[]): Tag[] =>
    tags
      .filter((tag) => {
        const { tag: name, format } = tag as { tag?: string; format?: string }
        return !left.includes(name ?? '') && format !== 'TIME'
      })
      .map((tag) => (isIntTag(tag) ? exactIntTag(tag) : tag)),
}

/**
 * Options to write: time stamps are texts here, and are quoted, so that nobody else's YAML reads them as something else (upstream:
 * goyaml.v2's encode.go).
 */
export const writtenYamlDialect = {
  ...yamlDialect,
  customTags: <Tag>(tags: Tag[]): Tag[] => [
    ...yamlDialect.customTags(tags),
    ...tags.filter((tag) => (tag as { tag?: string }).tag === timestamp),
  ],
}

/** Shorter texts are numbers that are exact. */
const exactLength = 14

interface IntTag {
  tag: string
  resolve(text: string, onError: unknown, options: object): unknown
}

function isIntTag(tag: unknown): tag is IntTag {
  return (tag as Partial<IntTag>).tag === 'tag:yaml.org,2002:int'
}

/** Reads integers as JSON is read (exact-json.ts). */
function exactIntTag<Tag extends IntTag>(tag: Tag): Tag {
  return {
    ...tag,
    resolve(text: string, onError: unknown, options: object) {
      if (text.length <= exactLength) return tag.resolve(text, onError, options)
      const value = tag.resolve(text, onError, { ...options, intAsBigInt: true })
      return typeof value === 'bigint' ? exactInteger(value) : value
    },
  }
}
