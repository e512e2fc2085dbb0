"""Advertising, phishing and newsletters are told from clients who use the same words."""

import pytest

from tests.builders import a_message
from triage.core import contents
from triage.core.model import Trust


def is_spam(subject: str, text: str, trust: Trust = Trust.UNVERIFIED, **fields: object) -> bool:
    message = a_message(subject=subject, text=text, **fields)
    return contents.is_spam(contents.spam_marks(message, text, trust))


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("¿Quiere estar primero en Google?", "Estimado propietario: visitamos su sitio y no aparece en la primera página de Google. Con nuestro plan SEO lo posicionamos. Diagnóstico gratis: http://seo.example. Si no desea recibir más correos responda BAJA."),
        ("Website errors", "Dear site owner, I came across your website and found critical errors. We are a team of developers and can redesign it from only $199. May I send you our portfolio?"),
        ("Seu site no topo do Google", "Olá, proprietário! Analisamos seu site. Aumente suas vendas com otimização de sites, sem compromisso. Se não deseja receber, clique aqui: http://x.example"),
        ("Su casilla está llena", "Estimado usuario: su casilla superó el límite de almacenamiento. Verifique su cuenta en 24 horas para evitar la suspensión: http://correo.example/verificar\nDepartamento de Sistemas"),
        ("Action required: password expires today", "Dear user, your password will expire within 24 hours. Keep the same password: http://mail-login.example\nIT Support"),
        ("Sua conta será bloqueada", "Prezado cliente, detectamos atividade suspeita. Confirme seus dados imediatamente em http://banco.example para evitar o bloqueio. Equipe de segurança"),
        ("¿Se cae su tienda?", "Estimado Cliente: ¿su tienda está caída cuando más vende? Le ofrecemos servidores dedicados con migración SIN CARGO. Promoción válida hasta agotar stock. Asesor comercial: Juan"),
        ("Your site is invisible", "I ran a quick audit and found 40 issues. We guarantee page #1 of Google or your money back. When is a good time for a quick call?"),
        ("2ª via do boleto", "Prezado(a) cliente, consta débito do seu domínio. Evite o bloqueio do seu site e pague: http://boleto.example/2via.zip"),
        ("Su sitio web tiene 27 errores graves", "Google no la encuentra. Paquete PRIMERA PÁGINA por solo USD 99. Si no desea recibir más ofertas responda BAJA"),
        ("Su sitio fue HACKEADO?", "Nuestro equipo encontró vulnerabilidades en páginas como la suya. Responda con la palabra ALTO y le hacemos un escaneo gratuito. Cupos limitados."),
        ("Seu domínio sairá do ar hoje", "Prezado(a) cliente, consta uma pendência referente ao seu domínio. O site será retirado do ar. Pague agora: http://boleto.example/pagar"),
        ("ÚLTIMO AVISO - sua loja será retirada do ar", "Consta débito referente ao registro da sua marca. O não pagamento em 24h implica ação judicial. Emita o boleto: http://boleto.example/1"),
        ("Último aviso", "Informamos que su sitio será dado de baja en 48h por falta de pago. Regularice en http://pagos.example/77"),
        ("Final notice", "The registration of your trademark lapsed and your website will be taken offline within 24 hours. Pay at http://pay.example/3"),
        ("Guest post", "Hi, I came across your website and would like to contribute a guest post with a backlink. What is the price?"),
        ("You have won", "Dear winner, you have won the international lottery. Claim your prize: http://lotto.example"),
        ("Oportunidad", "Querido amigo, usted es beneficiario de una herencia de 5 millones de dólares. Escríbame de inmediato."),
    ],
)  # fmt: skip
def test_several_independent_marks_convict(subject: str, text: str) -> None:
    assert is_spam(subject, text)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("SEO de la tienda", "Hola, nuestra tienda no aparece en la primera página de Google. ¿Ustedes hacen posicionamiento web? ¿Me pasan un presupuesto sin compromiso?"),
        ("URGENTE cuenta bloqueada", "Hola, mi cuenta del panel está bloqueada y necesito entrar de inmediato. No puedo cargar pedidos. https://tienda.example/admin"),
        ("Cupón gratis", "Hola, el cupón de envío gratis no descuenta en el carrito. Oferta del 20% de descuento. https://tienda.example/oferta"),
        ("Newsletter", "El formulario de 'unsubscribe' de nuestra tienda tira error 500. https://tienda.example/unsubscribe"),
        ("Texto del banner", "Hola, pueden cambiar el banner por 'Envío sin cargo, promoción válida hasta agotar stock'? El anterior decía 20% de descuento. https://tienda.example"),
        ("Dominio", "Hola, me llegó un mail que dice que evite el bloqueo de su dominio. ¿Es de ustedes? No puedo entrar al panel."),
        ("Baja del sitio", "Hola, en 48h vence el dominio y no queremos que el sitio quede fuera del aire. ¿Cómo se paga? https://tienda.example"),
        ("Mensaje raro", "Me llegó un mail que dice 'verifique su cuenta'. ¿Es de ustedes?"),
        ("Bitcoin", "¿Se puede sumar bitcoin como medio de pago en la tienda?"),
        ("Password", "Dear support, my password has expired and the reset link http://tienda.example/reset does not work. Can you help within 24 hours?"),
    ],
)  # fmt: skip
def test_a_client_who_uses_such_words_is_served(subject: str, text: str) -> None:
    assert not is_spam(subject, text, Trust.AUTHENTICATED)
    assert not is_spam(subject, text)


def test_an_answer_to_our_mail_is_never_judged_by_its_content() -> None:
    text = "Estimado propietario: primera página de Google gratis, responda BAJA http://x.example"
    assert not is_spam(
        "Re: caso",
        text,
        in_reply_to=("NO-2026-000001.kx.sy@netone.example",),
        headers=[("In-Reply-To", "<x>")],
    )


def test_a_newsletter_is_known_by_its_fields_and_words() -> None:
    text = "Novedades de mayo\nRecibís este boletín porque te suscribiste. Para dejar de recibirlo: https://x.example/baja"
    fields = [("List-Unsubscribe", "<https://x.example/baja>"), ("Precedence", "bulk")]
    assert contents.is_newsletter(a_message(text=text, headers=fields), text)
    assert contents.is_newsletter(a_message(text=text, sender="boletin@x.example"), text)


def test_a_person_through_a_discussion_list_writes_no_newsletter() -> None:
    text = "Hello, the report times out.\n\nTo unsubscribe send a mail to x-leave@lists.example"
    fields = [
        ("List-Id", "<x.lists.example>"),
        ("List-Post", "<mailto:x@lists.example>"),
        ("List-Unsubscribe", "<mailto:l>"),
        ("Precedence", "list"),
    ]
    assert not contents.is_newsletter(a_message(text=text, headers=fields), text)


def test_a_shop_form_with_an_unsubscribe_header_is_no_newsletter() -> None:
    text = "Nueva consulta: no puedo pagar con tarjeta"
    assert not contents.is_newsletter(
        a_message(text=text, headers=[("List-Unsubscribe", "<mailto:x@y.example>")]), text
    )


def test_an_announcement_that_says_how_to_leave_is_a_newsletter_without_a_word_of_a_campaign():
    news = a_message(
        sender="boletin@ecommerce-hoy.example",
        subject="Las diez caídas más famosas",
        text="Esta semana: sitios caídos que hicieron historia.",
        headers=(
            ("List-Id", "<boletin.ecommerce-hoy.example>"),
            ("List-Unsubscribe", "<https://ecommerce-hoy.example/baja>"),
            ("Precedence", "bulk"),
        ),
    )
    assert contents.is_newsletter(news, news.text)


def marks(subject: str, text: str, trust: Trust = Trust.UNVERIFIED, **fields: object) -> tuple[str, ...]:
    return contents.spam_marks(a_message(subject=subject, text=text, **fields), text, trust)


def test_what_answers_one_of_ours_is_never_judged_by_its_content() -> None:
    assert marks("Re: SEO", "Guest post, backlink, unsubscribe", in_reply_to=("a@netone.example",)) == ()


def test_a_filter_s_flag_convicts_together_with_a_trade() -> None:
    flag = {"headers": [("X-Spam-Flag", "YES")]}
    assert "flagged by a filter" in marks("Hola", "No puedo entrar al panel", **flag)
    assert not is_spam("Hola", "No puedo entrar al panel", **flag)
    assert is_spam("Hola", "Servicios SEO para su empresa", **flag)


def test_a_sender_who_calls_himself_the_help_desk_is_a_mark() -> None:
    assert "impostor" in marks("Aviso", "Hola", headers=[("From", "IT Help Desk <x@y.example>")])


def test_why_nobody_waits_for_an_answer_is_said() -> None:
    told = "Novedades\nRecibís este boletín porque te suscribiste. Darse de baja: http://x.example"
    message = a_message(text=told, sender="boletin@x.example", headers=[("List-Unsubscribe", "<x>")])
    assert contents.unwanted(message, told, Trust.UNVERIFIED) == "a newsletter"
    assert contents.unwanted(a_message(), "No anda el carrito", Trust.UNVERIFIED) == ""
