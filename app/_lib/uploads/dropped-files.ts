// What was dropped on the page: files, and folders with all that is in them.
import type { ChosenFile } from './transfers.ts'

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory

async function filesOf(entry: FileSystemEntry, prefix: string): Promise<ChosenFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    return [{ key: `${prefix}${file.name}`, file }]
  }
  if (!isFolder(entry)) return []
  const reader = entry.createReader()
  const found: ChosenFile[] = []
  for (;;) {
    // A browser gives a hundred at a time, until it gives none.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return found
    for (const one of some) found.push(...(await filesOf(one, `${prefix}${entry.name}/`)))
  }
}

/** Must be called while the event is handled: what it holds is gone afterwards. */
export async function droppedFiles(data: DataTransfer, prefix: string): Promise<readonly ChosenFile[]> {
  const entries = [...data.items].filter(({ kind }) => kind === 'file').map((item) => item.webkitGetAsEntry())
  const files = [...data.files]
  // Scripts drop files that no file system has.
  if (entries.some((entry) => entry === null)) return chosenFiles(files, prefix)
  return (await Promise.all(entries.map((entry) => (entry === null ? [] : filesOf(entry, prefix))))).flat()
}

export const chosenFiles = (files: Iterable<File>, prefix: string): ChosenFile[] =>
  [...files].map((file) => ({ key: `${prefix}${file.name}`, file }))
