// What is weaker, in sentences, below a table that names it by its code.
type Hinted = { readonly name: string; readonly hints: readonly { readonly message: string }[] }

/** A line for each sentence, which begins with the names of those of whom it holds; '' where there are none. */
export function hintLines(all: readonly Hinted[]): string {
  const said = all.flatMap(({ name, hints }) => hints.map(({ message }) => ({ name, message })))
  const lines = [...Map.groupBy(said, ({ message }) => message)]
  return lines.map(([message, of]) => `- ${of.map(({ name }) => name).join(', ')}: ${message}`).join('\n')
}
