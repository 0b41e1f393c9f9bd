/**
 * Expands `$(NAME)` by `lookup` (syntax: kubernetes third_party/forked/golang/expansion). `$$` stands for one `$`, so
 * `$$(NAME)` is literal; references that `lookup` does not know stay as they are.
 */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) => {
    if (whole === '$$') return '$'
    return name === undefined ? whole : (lookup(name) ?? whole)
  })
}
