// biome-ignore-all lint/correctness/noUnusedFunctionParameters: those of decorators are used
// biome-ignore-all lint/complexity/noStaticOnlyClass: as modules of NestJS are
import 'reflect-metadata'
import { Readable } from 'node:stream'
import {
  All,
  Controller,
  type DynamicModule,
  Inject,
  Module,
  Req,
  Res,
  Session,
  StreamableFile,
} from '@nestjs/common'
import type { PlainSession } from '../../../src/express.ts'
import type { AdapterSite } from '../../../src/testing.ts'

const PAGE = Symbol('page')

/** What a response is asked for, on both platforms. */
interface Response {
  status(status: number): unknown
  /** Of Express. */
  append?(name: string, value: string): unknown
  /** Of Fastify, where a second cookie leaves the first one. */
  header(name: string, value: string): unknown
}

/** Leaves answering to NestJS. */
@Controller()
class EveryPath {
  readonly #page: AdapterSite['page']

  constructor(@Inject(PAGE) page: AdapterSite['page']) {
    this.#page = page
  }

  @All('*')
  async answer(
    @Session() session: PlainSession,
    @Req() { method, url }: { method: string; url: string },
    @Res({ passthrough: true }) response: Response,
  ) {
    const { status, headers, body = '' } = await this.#page(session, { method, url })
    response.status(status)
    for (const [name, value] of headers) {
      if (response.append) response.append(name, value)
      else response.header(name, value)
    }
    return typeof body === 'string' ? body : new StreamableFile(Readable.from(body))
  }
}

@Module({})
export class SiteModule {
  static of({ page }: AdapterSite): DynamicModule {
    return { module: SiteModule, controllers: [EveryPath], providers: [{ provide: PAGE, useValue: page }] }
  }
}
