/**
 * The package as it ships. By its files and not by its name: `tsconfig.json` leads `untorn` to `src/`, and tsx, which
 * runs the bench, follows it and would measure its own translation of the sources.
 */
const shipped = (file: string): Promise<unknown> => import(new URL(`../dist/${file}`, import.meta.url).href)

export const { createSessions, sessionKey } = (await shipped('index.js')) as typeof import('untorn')
export const { fileStore } = (await shipped('file.js')) as typeof import('untorn/file')
export const { memoryStore } = (await shipped('memory.js')) as typeof import('untorn/memory')
