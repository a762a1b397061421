/** As much of a route's module as these tests have. */
export interface Route {
  id: string
  path?: string
  parentId?: string
  module: object
}

/**
 * What `react-router build` makes of routes: enough for the request handler. `Build`: React Router's `ServerBuild`, for who has its
 * types.
 */
export function buildOf<Build = object>(
  routes: readonly Route[],
  handleError: (error: unknown) => void,
): Build {
  const manifest = Object.fromEntries(routes.map((route) => [route.id, { ...route, module: '/none.js' }]))
  const built = {
    routes: Object.fromEntries(routes.map((route) => [route.id, route])),
    entry: { module: { default: document, handleError, streamTimeout: 60_000 } },
    assets: {
      version: 'test',
      url: '/none.js',
      entry: { module: '/none.js', imports: [] },
      routes: manifest,
    },
    assetsBuildDirectory: '.',
    publicPath: '/',
    basename: '/',
    // Version 8 has it without being asked.
    future: { v8_middleware: true },
    ssr: true,
    isSpaMode: false,
    prerender: [],
    routeDiscovery: { mode: 'initial', manifestPath: '/__manifest' },
  }
  return built as Build
}

/** In the place of React: what loaders gave, or what went wrong, in two pieces. */
function document(
  _request: Request,
  status: number,
  headers: Headers,
  {
    staticHandlerContext,
  }: { staticHandlerContext: { loaderData: object; errors?: Record<string, unknown> } },
  _context: unknown,
): Response {
  headers.set('Content-Type', 'text/html')
  const { loaderData, errors } = staticHandlerContext
  const pieces = ['<!doctype html>', `<p>${JSON.stringify(errors ? { failed: true } : loaderData)}</p>`]
  return new Response(ReadableStream.from(pieces).pipeThrough(new TextEncoderStream()), { status, headers })
}
