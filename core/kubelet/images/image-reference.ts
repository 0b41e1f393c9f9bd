const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const host =
  '(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?'
const pattern = new RegExp(
  `^((?:${host}/)?${component}(?:/${component})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,}))?$`,
)

/** Whether `image` is a well-formed reference (grammar: distribution/reference). */
export function isImageReference(image: string): boolean {
  return pattern.test(image)
}

/** The reference with `:latest` where it has neither tag nor digest, so that a pull asks for one image. */
export function withDefaultTag(image: string): string {
  const match = pattern.exec(image)
  return match && match[2] === undefined && match[3] === undefined ? `${image}:latest` : image
}
