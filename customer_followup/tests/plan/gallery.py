"""When the plans of the gallery must contact a sample customer in the first year.

Worked out with a calendar from what the plans promise. The customer starts on Monday 2026-03-02 at
noon, unless ``start`` says otherwise; each contact is made on its day. ``target`` is the target
date. ``stop``: in the evening of that day the customer gets the ``tag`` that ends a series;
contacts after it stand behind a bar, and come for a customer who never gets the tag. Days off are
Saturdays and Sundays.
"""

EXPECTED = {
    "car_intent": {
        "target": "2026-04-15",
        "steps": {
            "Call about the purchase": "03-22 03-29 04-05 04-10 04-13 04-14 04-15 04-18",
            "Undecided for a month: ask for a day": "04-01",
        },
    },
    "car_delivery": {
        "stop": "2026-04-10",
        "tag": "insured",
        "steps": {
            "Thank you": "03-02",
            "After a week": "03-09",
            "Insurance and registration": (
                "03-16 03-23 03-30 04-06 | 04-13 04-20 04-27 05-04 05-11 05-18 05-25 06-01 "
                "06-08 06-15 06-22 06-29 07-06 07-13 07-20 07-27 08-03 08-10 08-17 08-24 08-31 "
                "09-07 09-14 09-21 09-28 10-05 10-12 10-19 10-26 11-02 11-09 11-16 11-23 11-30 "
                "12-07 12-14 12-21 12-28 01-04 01-11 01-18 01-25 02-01 02-08 02-15 02-22 03-01"
            ),
            "Keep in touch": "05-01 06-30 08-31 10-30 12-29 03-01",
            "Ask for a recommendation": "09-02",
        },
    },
    "car_club": {
        "stop": "2026-04-10",
        "tag": "insured",
        "steps": {
            "Fifth day": "03-09",
            "Until insured and registered": (
                "03-16 03-23 03-30 04-06 | 04-13 04-20 04-27 05-04 05-11 05-18 05-25 06-01 "
                "06-08 06-15 06-22 06-29 07-06 07-13 07-20 07-27 08-03 08-10 08-17 08-24 08-31 "
                "09-07 09-14 09-21 09-28 10-05 10-12 10-19 10-26 11-02 11-09 11-16 11-23 11-30 "
                "12-07 12-14 12-21 12-28 01-04 01-11 01-18 01-25 02-01 02-08 02-15 02-22 03-01"
            ),
            "Club events": "06-02 09-02 12-02",
            "Pass on to renewals": "12-02",
        },
    },
    "car_renewal": {
        "target": "2026-06-30",
        "steps": {
            "90 days before": "04-01",
            "60 days before": "05-01",
            "30 days before": "05-29",
            "15 days before": "06-15",
            "7 days before": "06-23",
            "Last day": "06-30",
        },
    },
    "car_accident": {
        "stop": "2026-04-10",
        "tag": "settled",
        "steps": {
            "First call": "03-02",
            "How far are repair and claim": (
                "03-05 03-09 03-11 03-16 03-17 03-20 03-23 03-26 03-30 04-01 04-06 04-07 04-10 "
                "| 04-13 04-16 04-20 04-22 04-27 04-28 05-01 05-04 05-07 05-11 05-13 05-18 "
                "05-19 05-22 05-25 05-28 06-01 06-03 06-08 06-09 06-12 06-15 06-18 06-22 06-24 "
                "06-29 06-30 07-03 07-06 07-09 07-13 07-15 07-20 07-21 07-24 07-27 07-30 08-03 "
                "08-05 08-10 08-11 08-14 08-17 08-20 08-24 08-26 08-31 09-01 09-04 09-07 09-10 "
                "09-14 09-16 09-21 09-22 09-25 09-28 10-01 10-05 10-07 10-12 10-13 10-16 10-19 "
                "10-22 10-26 10-28 11-02 11-03 11-06 11-09 11-12 11-16 11-18 11-23 11-24 11-27 "
                "11-30 12-03 12-07 12-09 12-14 12-15 12-18 12-21 12-24 12-28 12-30 01-04 01-05 "
                "01-08 01-11 01-14 01-18 01-20 01-25 01-26 01-29 02-01 02-04 02-08 02-10 02-15 "
                "02-16 02-19 02-22 02-25 03-01"
            ),
        },
    },
    "car_station": {
        "target": "2026-12-31",
        "steps": {
            "First call of the station": "03-09",
            "First maintenance": "04-20",
            "Maintenance": "09-02",
            "Warranty ends": "12-01",
        },
    },
    "car_repair": {
        "steps": {
            "Call after the repair": "03-02",
            "Satisfaction": "03-07",
        },
    },
    "car_sample": {
        "steps": {
            "Sample call": "03-02",
        },
    },
    "software_use": {
        "steps": {
            "One month after installation": "04-02",
            "Quarterly call": "07-02 10-02 01-04",
        },
    },
    "software_visits_large": {
        "steps": {
            "Visit on site": "04-02 08-17 01-01",
        },
    },
    "software_visits_largest": {
        "steps": {
            "Visit on site": "04-02 07-01 10-01 01-01",
        },
    },
    "renovation_signing": {
        "steps": {
            "After signing": "03-02",
        },
    },
    "renovation_works": {
        "target": "2026-04-30",
        "steps": {
            "After the briefing": "03-02",
            "Weekly call": "03-09 03-16 03-23 03-30 04-06 04-13 04-20 04-27",
            "Evaluation": "04-30",
        },
    },
    "renovation_finished": {
        "steps": {
            "Acceptance": "03-02",
            "Monthly call": "04-02 05-04 06-02 07-02 08-03 09-02 10-02 11-02 12-02 01-04 02-02",
        },
    },
    "renovation_stages": {
        "target": "2026-04-30",
        "steps": {
            "Stage 1: a week of works": "03-09",
            "Stage 2: half a month": "03-17",
            "Stage 3: completed": "04-30",
        },
    },
    "furnishing_sold": {
        "steps": {
            "After a month": "04-02",
            "After three months": "06-02",
            "After six months": "09-02",
        },
    },
    "furnishing_service": {
        "steps": {
            "After the visit": "03-03",
        },
    },
    "building_seasons": {
        "steps": {
            "Call": (
                "03-09 03-16 03-23 03-30 04-06 04-13 04-20 04-27 05-04 05-11 05-18 05-25 06-01 "
                "06-08 06-15 06-22 06-29 07-06 07-13 07-20 07-27 08-03 08-10 08-17 08-24 08-31 "
                "09-07 09-14 09-21 09-28 10-05 10-12 10-19 10-26 11-02 11-09 11-16 11-23 11-30 "
                "12-07 12-22 01-06 01-21 02-05 02-22 03-01"
            ),
            "Visit": (
                "03-17 04-01 04-16 05-01 05-18 06-02 06-17 07-02 07-17 08-03 08-18 09-02 09-17 "
                "10-02 10-19 11-03 11-18 12-03 01-04 02-04 03-01"
            ),
        },
    },
    "property_magazine": {
        "steps": {
            "Did the magazine arrive?": "03-09",
        },
    },
    "retail_home_visit": {
        "steps": {
            "Arrange the visit": "03-02",
            "Visit": "03-05",
            "After the visit": "03-06",
        },
    },
    "retail_cosmetics": {
        "steps": {
            "How to use it": "03-05",
            "How does the skin react?": "03-16",
            "Once more": "04-16",
        },
    },
    "estate_callin": {
        "stop": "2026-04-10",
        "tag": "visited",
        "steps": {
            "Call back today": "03-02",
            "Invite again": "03-03",
            "Weekly until a visit": (
                "03-12 03-19 03-26 04-02 04-09 | 04-16 04-23 04-30 05-07 05-14 05-21 05-28 "
                "06-04 06-11 06-18 06-25 07-02 07-09 07-16 07-23 07-30 08-06 08-13 08-20 08-27 "
                "09-03 09-10 09-17 09-24 10-01 10-08 10-15 10-22 10-29 11-05 11-12 11-19 11-26 "
                "12-03 12-10 12-17 12-24 12-31 01-07 01-14 01-21 01-28 02-04 02-11 02-18 02-25"
            ),
        },
    },
    "estate_walkin_key": {
        "stop": "2026-04-10",
        "tag": "decided",
        "steps": {
            "On the day of the visit": "03-02",
            "Within three days": "03-03",
            "Every three days": (
                "03-08 03-11 03-14 03-17 03-20 03-23 03-26 03-29 04-01 04-04 04-07 04-10 | "
                "04-13 04-16 04-19 04-22 04-25 04-28 05-01 05-04 05-07 05-10 05-13 05-16 05-19 "
                "05-22 05-25 05-28 05-31"
            ),
        },
    },
    "estate_walkin_hesitant": {
        "stop": "2026-04-10",
        "tag": "decided",
        "steps": {
            "On the day of the visit": "03-02",
            "Within three days": "03-03",
            "Every week": (
                "03-12 03-19 03-26 04-02 04-09 | 04-16 04-23 04-30 05-07 05-14 05-21 05-28 "
                "06-04 06-11 06-18 06-25 07-02 07-09 07-16 07-23 07-30 08-06 08-13 08-20 08-27"
            ),
        },
    },
    "estate_walkin_c": {
        "stop": "2026-04-10",
        "tag": "decided",
        "steps": {
            "Every week": (
                "03-09 03-16 03-23 03-30 04-06 | 04-13 04-20 04-27 05-04 05-11 05-18 05-25 "
                "06-01 06-08 06-15 06-22 06-29 07-06 07-13 07-20 07-27 08-03 08-10 08-17 08-24 "
                "08-31"
            ),
        },
    },
    "estate_walkin_d": {
        "target": "2026-04-15",
        "steps": {
            "Milestone ahead": "04-08",
        },
    },
    "estate_special": {
        "target": "2026-04-15",
        "steps": {
            "Milestone ahead": "04-08",
        },
    },
    "estate_rounds": {
        "stop": "2026-03-20",
        "tag": "decided",
        "steps": {
            "Call of the round": (
                "03-04 03-06 03-08 03-10 03-12 03-14 03-16 03-18 03-20 | 03-22 03-24 03-26 "
                "03-28 03-30"
            ),
        },
    },
    "dental_before": {
        "target": "2026-03-10",
        "steps": {
            "The day before": "03-09",
        },
    },
    "dental_cleaning": {
        "steps": {
            "After the cleaning": "03-02",
            "Half-yearly check": "09-02",
        },
    },
    "dental_extraction": {
        "steps": {
            "30 minutes: gauze": "03-02",
            "2 hours: food": "03-02",
            "24 hours: brushing": "03-03",
            "1-2 days: rest": "03-03",
            "2-3 days: how is the wound?": "03-04",
            "5-7 days: sutures": "03-07",
            "2-3 months: fill the gap": "05-04",
        },
    },
    "dental_restoration": {
        "steps": {
            "On the same day": "03-02",
            "Yearly check": "",
        },
    },
    "hospital_course": {
        "target": "2026-04-10",
        "steps": {
            "After the course": "03-03",
            "Medicine": "03-05",
            "Exercise": "03-09",
            "Examination tomorrow": "04-09",
        },
    },
    "insurance_new": {
        "steps": {
            "Confirmation of the policy": "03-02",
        },
    },
    "fund_confirm": {
        "steps": {
            "Confirmation": "03-03",
        },
    },
    "express_delivered": {
        "steps": {
            "Survey": "03-03",
        },
    },
    "express_complaint": {
        "steps": {
            "Is it really settled?": "03-03",
        },
    },
    "express_key": {
        "steps": {
            "Monthly call": "04-02 05-04 06-02 07-02 08-03 09-02 10-02 11-02 12-02 01-04 02-02",
        },
    },
    "express_data": {
        "steps": {
            "Yearly check of the data": "",
        },
    },
    "hotel_checkout": {
        "steps": {
            "Survey": "03-03",
        },
    },
    "hotel_complaint": {
        "steps": {
            "Are you satisfied?": "03-03",
        },
    },
    "hotel_core": {
        "steps": {
            "Call": "04-02 05-04 06-02 07-02 08-03 09-02 10-02 11-02 12-02 01-04 02-02",
        },
    },
    "hotel_key": {
        "steps": {
            "Call": (
                "03-16 03-30 04-13 04-27 05-11 05-25 06-08 06-22 07-06 07-20 08-03 08-17 08-31 "
                "09-14 09-28 10-12 10-26 11-09 11-23 12-07 12-21 01-04 01-18 02-01 02-15 03-01"
            ),
        },
    },
    "hotel_potential": {
        "steps": {
            "News for guests": (
                "04-02 05-02 06-02 07-02 08-02 09-02 10-02 11-02 12-02 01-02 02-02"
            ),
        },
    },
    "hotel_ordinary": {
        "steps": {
            "News for guests": "06-02 09-02 12-02",
        },
    },
    "travel_return": {
        "steps": {
            "Survey": "03-04",
        },
    },
    "travel_birthday": {
        "steps": {
            "Birthday greeting": "03-02",
        },
    },
    "travel_quiet": {
        "steps": {
            "We miss you": "12-02",
        },
    },
    "travel_winback": {
        "steps": {
            "We would like to see you again": "03-02",
            "Call": "03-16",
            "Last letter": "05-01",
        },
    },
    "service_repair": {
        "target": "2026-03-04",
        "steps": {
            "Answer and arrange": "03-02",
            "Engineer on site": "03-02",
            "Survey": "03-05",
        },
    },
    "tier_new": {
        "steps": {
            "Daily, first two weeks": (
                "03-03 03-04 03-05 03-06 03-09 03-10 03-11 03-12 03-13 03-16"
            ),
            "Weekly": "03-23 03-30 04-06 04-13 04-20 04-27 05-04 05-11 05-18 05-25 06-01",
        },
    },
    "tier_high": {
        "steps": {
            "Twice a month": (
                "03-02 03-17 04-01 04-16 05-01 05-18 06-01 06-16 07-01 07-16 08-03 08-17 09-01 "
                "09-16 10-01 10-16 11-02 11-16 12-01 12-16 01-01 01-18 02-01 02-15 03-01"
            ),
        },
    },
    "tier_risk": {
        "stop": "2026-04-10",
        "tag": "solved",
        "steps": {
            "Twice a week until solved": (
                "03-02 03-05 03-09 03-12 03-16 03-19 03-23 03-26 03-30 04-02 04-06 04-09 | "
                "04-13 04-16 04-20 04-23 04-27 04-30 05-04 05-07 05-11 05-14 05-18 05-21 05-25 "
                "05-28 06-01 06-04 06-08 06-11 06-15 06-18 06-22 06-25 06-29 07-02 07-06 07-09 "
                "07-13 07-16 07-20 07-23 07-27 07-30 08-03 08-06 08-10 08-13 08-17 08-20 08-24 "
                "08-27 08-31 09-03 09-07 09-10 09-14 09-17 09-21 09-24 09-28 10-01 10-05 10-08 "
                "10-12 10-15 10-19 10-22 10-26 10-29 11-02 11-05 11-09 11-12 11-16 11-19 11-23 "
                "11-26 11-30 12-03 12-07 12-10 12-14 12-17 12-21 12-24 12-28 12-31 01-04 01-07 "
                "01-11 01-14 01-18 01-21 01-25 01-28 02-01 02-04 02-08 02-11 02-15 02-18 02-22 "
                "02-25 03-01"
            ),
        },
    },
    "tier_potential": {
        "stop": "2026-04-10",
        "tag": "decided",
        "steps": {
            "Twice a week": (
                "03-02 03-05 03-09 03-12 03-16 03-19 03-23 03-26 03-30 04-02 04-06 04-09 | "
                "04-13 04-16 04-20 04-23 04-27 04-30 05-04 05-07 05-11 05-14 05-18 05-21 05-25 "
                "05-28 06-01 06-04 06-08 06-11 06-15 06-18 06-22 06-25 06-29 07-02 07-06 07-09 "
                "07-13 07-16 07-20 07-23 07-27 07-30 08-03 08-06 08-10 08-13 08-17 08-20 08-24 "
                "08-27 08-31 09-03 09-07 09-10 09-14 09-17 09-21 09-24 09-28 10-01 10-05 10-08 "
                "10-12 10-15 10-19 10-22 10-26 10-29 11-02 11-05 11-09 11-12 11-16 11-19 11-23 "
                "11-26 11-30 12-03 12-07 12-10 12-14 12-17 12-21 12-24 12-28 12-31 01-04 01-07 "
                "01-11 01-14 01-18 01-21 01-25 01-28 02-01 02-04 02-08 02-11 02-15 02-18 02-22 "
                "02-25 03-01"
            ),
        },
    },
    "survey_new": {
        "steps": {
            "Survey": "03-09",
        },
    },
    "survey_quarter": {
        "start": "2026-03-31",
        "steps": {
            "Survey": "03-31 06-30 09-30 12-31",
        },
    },
    "survey_resolved": {
        "steps": {
            "Survey": "03-03",
        },
    },
    "greeting": {
        "steps": {
            "Greeting": "03-02",
        },
    },
}
