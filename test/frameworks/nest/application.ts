// biome-ignore-all lint/correctness/noUnusedFunctionParameters: those of decorators are used
// biome-ignore-all lint/complexity/noStaticOnlyClass: as modules of NestJS are
import 'reflect-metadata'
import {
  type ArgumentsHost,
  Body,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type DynamicModule,
  type ExceptionFilter,
  type ExecutionContext,
  ForbiddenException,
  Get,
  HttpException,
  Inject,
  Injectable,
  Module,
  type NestInterceptor,
  type OnApplicationShutdown,
  Post,
  Session,
  Sse,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common'
import { of, tap } from 'rxjs'
import type { PlainSession } from '../../../src/express.ts'
import { createSessions, type Sessions, type SessionsOptions } from '../../../src/index.ts'

interface Cart {
  user?: string
  cart?: string[]
  last?: string
  failed?: string
}

type Mine = PlainSession<Cart>

const SESSIONS = Symbol('sessions')
const DATABASE = Symbol('database')

/** What has sessions is closed with the application, behind its last request. */
@Injectable()
class SessionsOfApplication implements OnApplicationShutdown {
  readonly sessions: Sessions<Cart>

  constructor(@Inject(SESSIONS) sessions: Sessions<Cart>) {
    this.sessions = sessions
  }

  async onApplicationShutdown() {
    await this.sessions.close()
  }
}

@Injectable()
class SignedIn implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { session } = context.switchToHttp().getRequest<{ session: Mine }>()
    return session.owner !== undefined
  }
}

/** Notes which page was seen last, once it is made. */
@Injectable()
class Notes implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    const { session, url } = context.switchToHttp().getRequest<{ session: Mine; url: string }>()
    return next.handle().pipe(
      tap(() => {
        session.last = url
      }),
    )
  }
}

@Catch(HttpException)
class Counts implements ExceptionFilter {
  catch(error: HttpException, host: ArgumentsHost) {
    const http = host.switchToHttp()
    http.getRequest<{ session: Mine }>().session.failed = error.message
    const status = error.getStatus()
    http
      .getResponse<{ status(status: number): { send(body: unknown): void } }>()
      .status(status)
      .send({ filtered: error.message })
  }
}

@Controller()
class Shop {
  readonly #sessions: Sessions<Cart>
  readonly #database: () => Promise<void>

  constructor(@Inject(SESSIONS) sessions: Sessions<Cart>, @Inject(DATABASE) database: () => Promise<void>) {
    this.#sessions = sessions
    this.#database = database
  }

  @Get()
  mine(@Session() session: Mine) {
    return { ...session, owner: session.owner ?? null }
  }

  @Post('login')
  async login(@Session() session: Mine, @Body() { name }: { name: string }) {
    await session.login(name, { keep: ['cart'] })
    session.user = name
    return { user: name }
  }

  @Post('logout')
  async logout(@Session() session: Mine) {
    await session.logout()
  }

  @Post('add')
  async add(@Session() session: Mine, @Body() { item }: { item: string }) {
    await session.update('cart', (cart = []) => [...cart, item])
  }

  @Post('order')
  async order(@Session() session: Mine) {
    await this.#database()
    session.cart = ['ordered']
  }

  @Sse('signs-in')
  async signsIn(@Session() session: Mine) {
    await session.login('anna')
    return of({ data: 'in' })
  }

  @Sse('notes')
  notes(@Session() session: Mine) {
    session.last = 'notes'
    return of({ data: 'noted' })
  }

  @Get('account')
  @UseGuards(SignedIn)
  @UseInterceptors(Notes)
  account(@Session() { user }: Mine) {
    return { account: user }
  }

  @Get('forbidden')
  forbidden(@Session() session: Mine) {
    session.cart = ['a book']
    throw new ForbiddenException('not you')
  }

  @Get('filtered')
  @UseFilters(Counts)
  filtered() {
    throw new ForbiddenException('not here')
  }

  @Get('devices')
  @UseGuards(SignedIn)
  async devices(@Session() { owner }: Mine) {
    return { devices: (await this.#sessions.list(owner!)).length }
  }
}

@Module({})
export class ShopModule {
  static with(sessions: Sessions<Cart>, database = async () => {}): DynamicModule {
    return {
      module: ShopModule,
      controllers: [Shop],
      providers: [
        { provide: SESSIONS, useValue: sessions },
        { provide: DATABASE, useValue: database },
        SessionsOfApplication,
      ],
    }
  }
}

export const shopSessions = (options: SessionsOptions<Cart>): Sessions<Cart> => createSessions<Cart>(options)
