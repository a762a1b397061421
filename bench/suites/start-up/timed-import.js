// Tells the milliseconds of an import(), and of opening a store on a directory where one is named. Without a name it
// is the empty process that the others are compared with.
const [name, directory] = process.argv.slice(2)
const started = performance.now()
const imported = name ? await import(name) : undefined
const importTook = performance.now() - started
const store = directory ? imported.fileStore(directory, { sweepEvery: 0 }) : undefined
const openTook = performance.now() - started - importTook
process.stdout.write(JSON.stringify({ importTook, openTook }))
await store?.close()
