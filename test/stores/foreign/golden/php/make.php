<?php
// Writes what PHP makes of some sessions, and what is in them: php make.php
enum Suit: string { case Hearts = 'H'; }
class Cart { public $items = ['x' => 1]; protected $secret = 's'; }
class Old implements Serializable {
    public function serialize() { return 'x'; }
    public function unserialize($data) {}
}

$shared = ['a' => 1];
$sessions = [
    'plain' => ['user' => 'ada', 'n' => 42, 'minus' => -7, 'ratio' => 0.1, 'large' => 1.0E+25, 'yes' => true, 'no' => false, 'none' => null],
    'texts' => ['é 漢 😀' => "line\nbreak; a:1:{ | \" }", 'empty' => ''],
    'arrays' => ['list' => [1, 'two', [3]], 'named' => ['x' => ['y' => []]], 'gaps' => [1 => 'a', 5 => 'b'], 'mixed' => [0 => 'a', 'k' => 'b']],
    'nothing' => [],
    'object' => ['cart' => new Cart()],
    'date' => ['at' => new DateTime('2026-01-02')],
    'enum' => ['suit' => Suit::Hearts],
    'serializable' => ['old' => @new Old()],
    'reference' => ['one' => &$shared, 'two' => &$shared],
    'not-utf8' => ['text' => "\xff\xfe"],
    'too-large' => ['n' => PHP_INT_MAX],
    'not-a-number' => ['n' => NAN],
];
$made = [];
foreach (['php', 'php_serialize', 'php_binary'] as $handler) {
    foreach ($sessions as $name => $values) {
        $directory = sys_get_temp_dir() . '/untorn-php-' . getmypid();
        @mkdir($directory);
        ini_set('session.serialize_handler', $handler);
        ini_set('session.save_path', $directory);
        ini_set('session.use_cookies', '0');
        ini_set('session.cache_limiter', '');
        session_id(session_create_id());
        session_start();
        $_SESSION = $values;
        $id = session_id();
        session_write_close();
        $bytes = file_get_contents("$directory/sess_$id");
        unlink("$directory/sess_$id");
        rmdir($directory);
        $json = json_encode($values);
        $made[] = ['name' => $name, 'handler' => $handler, 'id' => $id, 'base64' => base64_encode($bytes), 'values' => $json === false ? null : json_decode($json)];
        $_SESSION = [];
    }
}
file_put_contents(__DIR__ . '/sessions.json', json_encode(['php' => PHP_VERSION, 'sessions' => $made], JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION) . "\n");
