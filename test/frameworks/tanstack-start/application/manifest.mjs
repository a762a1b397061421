export const tsrStartManifest = () => ({ routes: { __root__: {} } })
