/** Yields each line of a byte stream that is not empty. Rejects with the stream's error. */
export async function* jsonLines(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let parts: string[] = []
  for await (const chunk of stream) {
    let text = decoder.decode(chunk, { stream: true })
    let end = text.indexOf('\n')
    while (end >= 0) {
      parts.push(text.slice(0, end))
      const line = parts.join('').trim()
      parts = []
      if (line !== '') yield line
      text = text.slice(end + 1)
      end = text.indexOf('\n')
    }
    if (text !== '') parts.push(text)
  }
}
