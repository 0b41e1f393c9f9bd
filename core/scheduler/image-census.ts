/** Counts on how many nodes each image is. */
export class ImageCensus {
  #nodes = new Map<string, number>()

  /** On how many nodes the image is. */
  count(name: string): number {
    return this.#nodes.get(name) ?? 0
  }

  add(images: Iterable<string>): void {
    for (const name of images) this.#nodes.set(name, this.count(name) + 1)
  }

  remove(images: Iterable<string>): void {
    for (const name of images) {
      const left = this.count(name) - 1
      if (left > 0) this.#nodes.set(name, left)
      else this.#nodes.delete(name)
    }
  }
}
