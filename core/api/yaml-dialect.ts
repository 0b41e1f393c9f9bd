/** What JSON has no value for, and what Go's YAML leaves as text. */
const left = ['timestamp', 'binary', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`)

/**
 * Options of the package `yaml`, to read and write YAML as Kubernetes does (upstream: sigs.k8s.io/yaml): version 1.1, so
 * that `yes` is a boolean and `0644` octal, but without time stamps, sexagesimal numbers and whatever JSON does not have.
 */
export const yamlDialect = {
  version: '1.1' as const,
  customTags: <Tag>(tags: Tag[]): Tag[] =>
    tags.filter((tag) => {
      const { tag: name, format } = tag as { tag?: string; format?: string }
      return !left.includes(name ?? '') && format !== 'TIME'
    }),
}
